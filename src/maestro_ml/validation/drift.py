"""Drift: the two-sample Kolmogorov-Smirnov test of every numeric column against the reference."""

import warnings
from typing import TYPE_CHECKING, Any

from maestro_ml.data.identifiers import quoted
from maestro_ml.project.drift import Drift
from maestro_ml.validation.findings import Finding, finding
from maestro_ml.validation.numeric import numeric_columns
from maestro_ml.validation.subject import Slice, Subject

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

CHECK = "kolmogorov_smirnov"


def drift_findings(subject: Subject) -> list[Finding]:
    """A finding a column; violated where p is below the limit, and where there is nothing to compare."""
    drift = subject.spec.drift
    if drift is None:
        return []
    columns, findings = numeric_columns(subject, drift.columns, "drift", CHECK, drift.severity)
    # One column of both sides in memory at a time.
    return findings + [_compared(column, subject, drift) for column in columns]


def kolmogorov_smirnov(reference: "NDArray[float64]", current: "NDArray[float64]") -> tuple[float, float]:
    """The statistic D and the two-sided p-value: exact up to 10,000 values a side, asymptotic above (scipy's `auto`).

    Args:
        reference: values without NaN, shape (n,), n > 0.
        current: values without NaN, shape (m,), m > 0.
    """
    from scipy.stats import ks_2samp

    with warnings.catch_warnings():  # where the exact p-value overflows, scipy warns and takes the asymptotic one
        warnings.simplefilter("ignore", RuntimeWarning)
        result = ks_2samp(reference, current)
    return float(result.statistic), float(result.pvalue)


def _compared(column: str, subject: Subject, drift: Drift) -> Finding:
    reference, current = _values(subject.reference, column), _values(subject.current, column)
    sizes: dict[str, Any] = {
        "values": len(current),
        "reference_values": len(reference),
        "missing": subject.current.count - len(current),
        "reference_missing": subject.reference.count - len(reference),
    }
    if not len(reference) or not len(current):
        where, window = ("window", subject.window) if len(reference) else ("reference", subject.reference.window)
        message = f"cannot be compared: no value in the {where} ({window})"
        return finding("drift", CHECK, drift.severity, message, violated=True, column=column, **sizes)
    statistic, p_value = kolmogorov_smirnov(reference, current)
    violated = p_value < drift.p_value
    message = (
        f"{'differs from' if violated else 'is like'} the reference: D = {statistic:.4f}, p = {p_value:.3g} "
        f"(limit {drift.p_value:g}), {len(current):,} values against {len(reference):,}"
    )
    return finding(
        "drift",
        CHECK,
        drift.severity,
        message,
        violated=violated,
        column=column,
        statistic=statistic,
        p_value=p_value,
        p_limit=drift.p_value,
        **sizes,
    )


def _values(side: Slice, column: str) -> "NDArray[float64]":
    present = side.rows.filter(f"NOT {side.dataset.missing(column)}")
    values: NDArray[float64] = present.project(f"{quoted(column)}::DOUBLE AS value").fetchnumpy()["value"]
    return values
