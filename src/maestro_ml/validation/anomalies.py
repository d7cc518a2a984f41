"""Anomalies: the share of the window's rows that an IsolationForest fitted on the reference calls anomalous."""

from typing import TYPE_CHECKING, Any

from maestro_ml.data.identifiers import quoted
from maestro_ml.project.anomalies import Anomalies
from maestro_ml.validation.comparable import unusable
from maestro_ml.validation.findings import Finding, finding
from maestro_ml.validation.subject import Slice, Subject
from maestro_ml.validation.wording import percent, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy import float32
    from numpy.typing import NDArray

CHECK = "isolation_forest"
_ROWS_AT_ONCE = 65_536


def anomaly_findings(subject: Subject) -> list[Finding]:
    """One finding on the rate, and one for each column that cannot take part."""
    spec = subject.spec.anomalies
    if spec is None:
        return []
    named = spec.columns or subject.spec.numeric_columns()
    problems = {name: unusable(subject, name, "anomalies", CHECK, spec.severity) for name in named}
    columns = [name for name, problem in problems.items() if not problem]
    findings = [problem for problem in problems.values() if problem]
    rows, reference = subject.current.count, subject.reference.count
    obstacle = (
        "no numeric column"
        if not columns
        else f"the window is empty ({subject.window})"
        if not rows
        else f"the reference is empty ({subject.reference.window})"
        if not reference
        else None
    )
    if obstacle:
        message = f"cannot be judged: {obstacle}"
        return [finding("anomalies", CHECK, spec.severity, message, violated=True, rows=rows), *findings]
    sample = _sample(subject.reference, columns, spec)
    known = _has_value(sample)
    for column in (c for c, has_value in zip(columns, known, strict=True) if not has_value):
        message = f"no value in the reference ({subject.reference.window}), so it was left out"
        findings.append(finding("anomalies", CHECK, spec.severity, message, violated=True, column=column))
    if known.any():
        kept = [c for c, has_value in zip(columns, known, strict=True) if has_value]
        findings.insert(0, _rate(subject, spec, kept, sample[:, known]))
    return findings


def _rate(subject: Subject, spec: Anomalies, columns: list[str], sample: "NDArray[float32]") -> Finding:
    rows = subject.current.count
    anomalous = _count_anomalous(subject.current, columns, sample, spec)
    return finding(
        "anomalies",
        CHECK,
        spec.severity,
        f"{share(anomalous, rows)} rows are anomalous; at most {percent(spec.max_rate)}",
        violated=anomalous / rows > spec.max_rate,
        anomalous=anomalous,
        rate=anomalous / rows,
        max_rate=spec.max_rate,
        contamination=spec.contamination,
        columns=len(columns),
        rows=rows,
        reference_rows=subject.reference.count,
        reference_sample=len(sample),
    )


def _count_anomalous(current: Slice, columns: list[str], sample: "NDArray[float32]", spec: Anomalies) -> int:
    """Rows of the window the forest calls anomalous; the reference sample's medians stand in for missing values."""
    import numpy as np
    from sklearn.ensemble import IsolationForest

    medians = np.nanmedian(sample, axis=0)
    forest: Any = IsolationForest(contamination=spec.contamination, random_state=spec.seed)
    forest.fit(np.where(np.isnan(sample), medians, sample))
    return sum(
        int((forest.predict(np.where(np.isnan(batch), medians, batch)) < 0).sum())
        for batch in _batches(current, columns)
    )


def _sample(reference: Slice, columns: list[str], spec: Anomalies) -> "NDArray[float32]":
    """Rows of the reference, shape (at most spec.sample, columns); the same ones in every run with the same seed."""
    import numpy as np

    size = min(spec.sample, reference.count)
    chosen = np.sort(np.random.default_rng(spec.seed).choice(reference.count, size, replace=False))
    parts, first = [np.empty((0, len(columns)), np.float32)], 0
    for batch in _batches(reference, columns):
        here = chosen[np.searchsorted(chosen, first) : np.searchsorted(chosen, first + len(batch))]
        parts.append(batch[here - first])
        first += len(batch)
    return np.concatenate(parts)


def _batches(side: Slice, columns: list[str]) -> "Iterator[NDArray[float32]]":
    """The columns in stored order, missing as NaN; infinities as the largest numbers, because the forest takes none."""
    import numpy as np

    if not columns:
        return
    limit = np.finfo(np.float32).max
    reader = side.rows.project(", ".join(f"{quoted(c)}::DOUBLE AS c{i}" for i, c in enumerate(columns)))
    for batch in reader.to_arrow_reader(_ROWS_AT_ONCE):
        values = np.column_stack([column.to_numpy(zero_copy_only=False) for column in batch.columns])
        yield np.clip(values, -limit, limit).astype(np.float32)


def _has_value(sample: "NDArray[float32]") -> "NDArray[Any]":
    import numpy as np

    return np.asarray(~np.isnan(sample).all(axis=0))
