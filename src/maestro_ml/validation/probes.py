"""Checks as aggregates: however many there are, they are measured in as few scans as possible."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Finding
from maestro_ml.sql.aggregates import Expression
from maestro_ml.tables import QueryError
from maestro_ml.validation.failing_rows import first_failing
from maestro_ml.validation.rows import Rows, aggregates


def measure(rows: Rows, probes: Sequence[Probe | Finding]) -> list[Finding]:
    """Return the finding of every probe, in their order; what is a finding already stays as it is.

    A probe the database refuses becomes the finding `failed` makes of it, and the others go on.
    """
    outcomes = list(probes)
    while pending := [(i, probe) for i, probe in enumerate(outcomes) if isinstance(probe, Probe)]:
        pending.sort(key=lambda item: item[1].source or "")
        for _, group in groupby(pending, key=lambda item: item[1].source):
            indices, alike = zip(*group, strict=True)
            for index, outcome in zip(indices, _step(rows, alike), strict=True):
                outcomes[index] = outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Finding)]


def _step(rows: Rows, probes: Sequence[Probe]) -> list[Probe | Finding]:
    """Run one step of probes with the same source."""
    import duckdb

    try:
        values = iter(_values(rows, probes[0].source, [e for probe in probes for e in probe.expressions]))
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, QueryError) as error:
        if len(probes) == 1:
            return [probes[0].failed(error)]
        return [outcome for probe in probes for outcome in _step(rows, [probe])]
    return [_judge(rows, probe, [next(values) for _ in probe.expressions]) for probe in probes]


def _values(rows: Rows, source: str | None, expressions: list[Expression]) -> list[Any]:
    if source is None:
        return rows.values(expressions)
    values = aggregates(rows.dataset, rows.dataset.fetch, expressions, source)
    return [values[expression] for expression in expressions]


def _judge(rows: Rows, probe: Probe, values: list[Any]) -> Probe | Finding:
    outcome = probe.judge(*values)
    if isinstance(outcome, Finding) and outcome.violated and probe.failing:
        return outcome.with_sample(first_failing(rows.dataset, probe.source or rows.view, probe.failing))
    return outcome
