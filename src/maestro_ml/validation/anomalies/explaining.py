"""The most anomalous rows, and the columns that make them so."""

from typing import TYPE_CHECKING

from maestro_ml.checks.failing_rows import HIDDEN, identifying_columns, is_pii
from maestro_ml.core.findings import ShownRows
from maestro_ml.core.wording import number
from maestro_ml.validation.anomalies.forest import Forest
from maestro_ml.validation.anomalies.rate import Extreme
from maestro_ml.validation.numeric_rows import texts
from maestro_ml.validation.rows import LocalRows

if TYPE_CHECKING:
    from numpy import float32, float64
    from numpy.typing import NDArray

_CAUSES = 3


def most_anomalous(current: LocalRows, forest: Forest, extreme: Extreme) -> ShownRows | None:
    """Return the anomalous ones of the extreme rows: when and which, their score, and why; None if none is."""
    shown = int(forest.are_anomalous(extreme.scores).sum())
    if not shown:
        return None
    dataset = current.dataset
    identifying = identifying_columns(dataset)
    numbers = extreme.rows.numbers[:shown]
    names = texts(current, identifying, extreme.rows.places[:shown].tolist())
    gains = score_gains(forest, numbers, extreme.scores[:shown])
    rows = []
    for name, row, score, gain in zip(names, numbers, extreme.scores, gains, strict=False):
        masked = (HIDDEN if is_pii(dataset, c) and v is not None else v for c, v in zip(identifying, name, strict=True))
        rows.append((*masked, f"{-score:.3f}", _because(current, forest, row, gain)))
    return ShownRows(columns=(*identifying, "anomaly score", "because of"), rows=tuple(rows))


def score_gains(forest: Forest, rows: "NDArray[float32]", scores: "NDArray[float64]") -> "NDArray[float64]":
    """Return how much less anomalous each row is with one column at the reference's median, shape (rows, columns)."""
    import numpy as np

    columns = len(forest.columns)
    varied = np.repeat(rows, columns, axis=0)
    varied[np.arange(len(varied)), np.tile(np.arange(columns), len(rows))] = np.tile(forest.medians, len(rows))
    return np.asarray(forest.scores(varied).reshape(len(rows), columns) - scores[:, None])


def _because(current: LocalRows, forest: Forest, row: "NDArray[float32]", gain: "NDArray[float64]") -> str:
    import numpy as np

    causes = [i for i in np.argsort(-gain, kind="stable")[:_CAUSES] if gain[i] > 0]
    return ", ".join(
        f"{forest.columns[i]} = {HIDDEN}"
        if is_pii(current.dataset, forest.columns[i])
        else f"{forest.columns[i]} = {number(float(row[i]))} (usually {number(float(forest.medians[i]))})"
        for i in causes
    )
