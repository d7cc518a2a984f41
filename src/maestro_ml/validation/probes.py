"""Checks as aggregates: however many there are, they are measured in as few scans as possible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from maestro_ml.core.findings import Finding
from maestro_ml.tables import QueryError
from maestro_ml.validation.context import Rows, aggregates
from maestro_ml.validation.failing_rows import Failing, first_failing


@dataclass(frozen=True)
class Probe:
    """SQL aggregates over some rows, and what to make of their values.

    `judge` is given the value of each expression and returns a finding, or a probe that looks closer. `failed` turns
    the database's error into a finding. `source` is SQL for a table to look at in place of the rows; `failing` tells
    which rows to show where the finding is violated.
    """

    expressions: tuple[str, ...]
    judge: "Callable[..., Finding | Probe]"
    failed: Callable[[Exception], Finding]
    source: str | None = None
    failing: Failing | None = None


def measure(rows: Rows, probes: Sequence[Probe | Finding]) -> list[Finding]:
    """The finding of every probe, in their order; what is a finding already stays as it is.

    A probe the database refuses becomes the finding `failed` makes of it, and the others go on.
    """
    outcomes = list(probes)
    while pending := [(i, probe) for i, probe in enumerate(outcomes) if isinstance(probe, Probe)]:
        pending.sort(key=lambda item: item[1].source or "")
        for _, group in groupby(pending, key=lambda item: item[1].source):
            indices, alike = zip(*group, strict=True)
            for index, outcome in zip(indices, _answered(rows, alike), strict=True):
                outcomes[index] = outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Finding)]


def _answered(rows: Rows, probes: Sequence[Probe]) -> list[Probe | Finding]:
    """One step of probes with the same source."""
    import duckdb

    try:
        values = iter(_values(rows, probes[0].source, [e for probe in probes for e in probe.expressions]))
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, QueryError) as error:
        if len(probes) == 1:
            return [probes[0].failed(error)]
        return [outcome for probe in probes for outcome in _answered(rows, [probe])]
    return [_judged(rows, probe, [next(values) for _ in probe.expressions]) for probe in probes]


def _values(rows: Rows, source: str | None, expressions: list[str]) -> list[Any]:
    if source is None:
        return rows.values(expressions)
    by_sql = aggregates(rows.dataset, expressions, source)
    return [by_sql[expression] for expression in expressions]


def _judged(rows: Rows, probe: Probe, values: list[Any]) -> Probe | Finding:
    outcome = probe.judge(*values)
    if isinstance(outcome, Finding) and outcome.violated and probe.failing:
        return outcome.showing(first_failing(rows.dataset, probe.source or rows.view, probe.failing))
    return outcome
