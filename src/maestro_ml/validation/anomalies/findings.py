"""Anomalies: the share of the window's rows that an IsolationForest fitted on the reference calls anomalous."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.wording import percent, percent_against, percent_limit, share_against
from maestro_ml.project.anomalies import Anomalies
from maestro_ml.validation.anomalies.explaining import most_anomalous
from maestro_ml.validation.anomalies.forest import Forest
from maestro_ml.validation.anomalies.rate import Rate, rate_of
from maestro_ml.validation.comparable import unusable
from maestro_ml.validation.context import Subject
from maestro_ml.validation.numeric_rows import random_rows

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

CHECK = "isolation_forest"


def anomaly_findings(subject: Subject) -> list[Finding]:
    """One finding on the rate, and one for each column that cannot take part."""
    spec = subject.spec.anomalies
    if spec is None:
        return []
    named = spec.columns or subject.spec.numeric_columns()
    problems = {name: unusable(subject, name, "anomalies", CHECK, spec.severity) for name in named}
    columns = [name for name, problem in problems.items() if not problem]
    findings = [problem for problem in problems.values() if problem]
    obstacle = _obstacle(subject, columns, spec)
    if obstacle:
        message = f"cannot be judged: {obstacle}"
        rows = subject.current.count
        return [finding("anomalies", CHECK, spec.severity, message, violated=True, rows=rows), *findings]
    import numpy as np

    reference = random_rows(subject.reference.extract, columns, spec.sample, spec.seed).numbers
    known = [i for i, values in enumerate(reference.T) if not np.isnan(values).all()]
    for column in (c for i, c in enumerate(columns) if i not in known):
        message = f"no value in the reference ({subject.reference.window}), so it was left out"
        findings.append(finding("anomalies", CHECK, spec.severity, message, violated=True, column=column))
    if known:
        values = reference[:, known]
        forest = Forest.fitted([columns[i] for i in known], values, spec)
        rate = rate_of(subject.current, forest, spec)
        findings.insert(0, _judged(subject, spec, forest, rate, len(reference)))
        findings += _unseen(subject, forest, rate, values)
    return findings


def _unseen(subject: Subject, forest: Forest, rate: Rate, reference: "NDArray[float32]") -> Iterator[Finding]:
    """A finding for each column that the trees cannot judge: no value to look at, or a reference that never varies."""
    import numpy as np

    spec = subject.spec.anomalies
    severity = spec.severity if spec else "warn"
    constant = np.fmin.reduce(reference) == np.fmax.reduce(reference)
    usual = np.fmin.reduce(reference)
    for i, column in enumerate(forest.columns):
        if np.isnan(rate.smallest[i]):
            message = f"no value in the {rate.scored:,} rows looked at ({subject.window}), so it could not be judged"
        elif constant[i] and not rate.smallest[i] == usual[i] == rate.largest[i]:
            message = "the reference is constant and the window is not the same, which no tree can see"
        else:
            continue
        yield finding("anomalies", CHECK, severity, message, violated=True, column=column)


def _obstacle(subject: Subject, columns: list[str], spec: Anomalies) -> str | None:
    if not columns:
        return "no numeric column"
    if not subject.current.count:
        return f"the window is empty ({subject.window})"
    if not subject.reference.count:
        return f"the reference is empty ({subject.reference.window})"
    fewest = math.ceil(1 / spec.contamination)
    if subject.reference.count < fewest:
        share = f"{spec.contamination:g} (contamination)"
        return (
            f"the reference has {subject.reference.count:,} rows, and {share} of fewer than {fewest:,} is not one row"
        )
    return None


def _judged(subject: Subject, spec: Anomalies, forest: Forest, rate: Rate, reference_sample: int) -> Finding:
    found = finding(
        "anomalies",
        CHECK,
        spec.severity,
        f"{_told(rate, spec.max_rate)}; at most {percent_limit(spec.max_rate)}",
        violated=rate.value > spec.max_rate,
        anomalous=rate.anomalous,
        rate=rate.value,
        rate_low=rate.low,
        rate_high=rate.high,
        max_rate=spec.max_rate,
        contamination=spec.contamination,
        columns=len(forest.columns),
        rows=rate.rows,
        rows_scored=rate.scored,
        reference_rows=subject.reference.count,
        reference_sample=reference_sample,
    )
    return found.showing(most_anomalous(subject.current.extract, forest, rate.extreme))


def _told(rate: Rate, limit: float) -> str:
    if rate.scored == rate.rows:
        return f"{share_against(rate.anomalous, rate.rows, limit)} rows are anomalous"
    about = percent_against(rate.value, limit)
    return (
        f"about {about} of {rate.rows:,} rows are anomalous ({percent(rate.low)} to {percent(rate.high)} "
        f"with 99.99 % confidence, from {rate.scored:,} rows)"
    )
