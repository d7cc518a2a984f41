"""Slices of the test rows by the values of a feature."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from maestro_ml.core.wording import number

if TYPE_CHECKING:
    import numpy as np

_MOST_SINGLE_NUMBERS = 20  # distinct numbers that are slices of their own
_MOST = 50  # slices of a text; the rarer values are one slice
_QUARTERS = (0.25, 0.5, 0.75)


def slices_of(column: "np.ndarray[Any, Any]") -> "Iterator[tuple[str, np.ndarray[Any, Any]]]":
    """Yield each slice's name and the positions of its rows; together they hold every row once."""
    import numpy as np

    missing = np.array([value is None or value != value for value in column.tolist()], dtype=bool)  # noqa: PLR0124 - NaN
    present = np.flatnonzero(~missing)
    if len(present):
        groups = _numbers if np.issubdtype(column.dtype, np.number) else _texts
        yield from groups(column, present)
    if missing.any():
        yield "missing", np.flatnonzero(missing)


def _numbers(
    column: "np.ndarray[Any, Any]", present: "np.ndarray[Any, Any]"
) -> "Iterator[tuple[str, np.ndarray[Any, Any]]]":
    import numpy as np

    values = column[present]
    distinct = np.unique(values)
    if len(distinct) <= _MOST_SINGLE_NUMBERS:
        yield from ((number(each), present[values == each]) for each in distinct.tolist())
        return
    edges = np.unique(np.quantile(values, _QUARTERS))
    groups = np.searchsorted(edges, values, side="left")
    for code in np.unique(groups).tolist():
        low = f"above {number(float(edges[code - 1]))}" if code else ""
        high = f"up to {number(float(edges[code]))}" if code < len(edges) else ""
        yield ", ".join(part for part in (low, high) if part), present[groups == code]


def _texts(
    column: "np.ndarray[Any, Any]", present: "np.ndarray[Any, Any]"
) -> "Iterator[tuple[str, np.ndarray[Any, Any]]]":
    import numpy as np

    names, codes, counts = np.unique(column[present].astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    for code in order[:_MOST].tolist():
        yield str(names[code]), present[codes == code]
    if len(order) > _MOST:
        yield f"{len(order) - _MOST} rarer values", present[np.isin(codes, order[_MOST:])]
