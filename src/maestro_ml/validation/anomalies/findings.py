"""Anomalies: the share of the window's rows that an IsolationForest fitted on the reference calls anomalous."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from maestro_ml.core import results
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.wording import percent, percent_against, percent_limit, share_against
from maestro_ml.project.anomalies import Anomalies
from maestro_ml.validation.anomalies.explaining import most_anomalous
from maestro_ml.validation.anomalies.forest import Forest
from maestro_ml.validation.anomalies.rate import Rate, rate_of
from maestro_ml.validation.column_kinds import wrong_kind
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.numeric_rows import random_rows

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

CHECK = "isolation_forest"


def anomaly_findings(context: ValidationContext) -> list[Finding]:
    """Return a finding on the rate, and one for each column that cannot take part."""
    spec = context.spec.anomalies
    if spec is None:
        return []
    named = spec.columns or context.spec.numeric_columns()
    problems = {name: wrong_kind(context, name, "anomalies", CHECK, spec.severity) for name in named}
    columns = [name for name, problem in problems.items() if not problem]
    findings = [problem for problem in problems.values() if problem]
    obstacle = _obstacle(context, columns, spec)
    if obstacle:
        message = f"cannot be judged: {obstacle}"
        rows = results.Result(details={"rows": context.current.count})
        return [finding("anomalies", CHECK, spec.severity, message, violated=True, result=rows), *findings]
    import numpy as np

    reference = random_rows(context.reference.extract, columns, spec.sample, spec.seed).numbers
    known = [i for i, values in enumerate(reference.T) if not np.isnan(values).all()]
    for column in (c for i, c in enumerate(columns) if i not in known):
        message = f"no value in the reference ({context.reference}), so it was left out"
        findings.append(finding("anomalies", CHECK, spec.severity, message, violated=True, column=column))
    if known:
        values = reference[:, known]
        forest = Forest.fitted([columns[i] for i in known], values, spec)
        rate = rate_of(context.current, forest, spec)
        findings.insert(0, _rate_finding(context, spec, forest, rate, len(reference)))
        findings += _unseen(context, forest, rate, values)
    return findings


def _unseen(context: ValidationContext, forest: Forest, rate: Rate, reference: "NDArray[float32]") -> Iterator[Finding]:
    """Yield a finding for each column that trees cannot judge: without values, or constant in the reference."""
    import numpy as np

    spec = context.spec.anomalies
    severity = spec.severity if spec else "warn"
    constant = np.fmin.reduce(reference) == np.fmax.reduce(reference)
    usual = np.fmin.reduce(reference)
    for i, column in enumerate(forest.columns):
        if np.isnan(rate.smallest[i]):
            message = f"no value in the {rate.scored:,} rows looked at ({context.current}), so it could not be judged"
        elif constant[i] and not rate.smallest[i] == usual[i] == rate.largest[i]:
            message = "the reference is constant and the window is not the same, which no tree can see"
        else:
            continue
        yield finding("anomalies", CHECK, severity, message, violated=True, column=column)


def _obstacle(context: ValidationContext, columns: list[str], spec: Anomalies) -> str | None:
    if not columns:
        return "no numeric column"
    if not context.current.count:
        return f"the window is empty ({context.current})"
    if not context.reference.count:
        return f"the reference is empty ({context.reference})"
    fewest = math.ceil(1 / spec.contamination)
    if context.reference.count < fewest:
        share = f"{spec.contamination:g} (contamination)"
        return (
            f"the reference has {context.reference.count:,} rows, and {share} of fewer than {fewest:,} is not one row"
        )
    return None


def _rate_finding(
    context: ValidationContext, spec: Anomalies, forest: Forest, rate: Rate, reference_sample: int
) -> Finding:
    found = finding(
        "anomalies",
        CHECK,
        spec.severity,
        f"{_describe(rate, spec.max_rate)}; at most {percent_limit(spec.max_rate)}",
        violated=rate.value > spec.max_rate,
        result=results.Rate(
            rate.anomalous,
            rate.value,
            rate.low,
            rate.high,
            spec.max_rate,
            details={
                "contamination": spec.contamination,
                "columns": len(forest.columns),
                "rows": rate.rows,
                "rows_scored": rate.scored,
                "reference_rows": context.reference.count,
                "reference_sample": reference_sample,
            },
        ),
    )
    return found.with_sample(most_anomalous(context.current.extract, forest, rate.extreme))


def _describe(rate: Rate, limit: float) -> str:
    if rate.scored == rate.rows:
        return f"{share_against(rate.anomalous, rate.rows, limit)} rows are anomalous"
    about = percent_against(rate.value, limit)
    return (
        f"about {about} of {rate.rows:,} rows are anomalous ({percent(rate.low)} to {percent(rate.high)} "
        f"with 99.99 % confidence, from {rate.scored:,} rows)"
    )
