"""Columns of the window and of the reference as arrays, a few at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import Table
from maestro_ml.tables.arrow_values import present_values
from maestro_ml.tables.parquet.columns import by_side
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.rows import LocalRows
from maestro_ml.validation.sides import SIDE, Scan, scans_of, sides_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROWS_AT_ONCE = 131_072
_BYTES_AT_ONCE = 64_000_000
_BYTES_OF_A_VALUE = 8
# What numpy holds as it is; wider types (decimals, 128-bit integers) are compared as doubles.
_NATIVE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"}
)

# Reads some columns: the values of each, nulls left out, of some rows of the reference (0) or of the window (1).
Read = Callable[[Sequence[str]], "Iterator[tuple[int, list[NDArray[Any]]]]"]


def number(dataset: Table, column: str) -> str:
    """Return SQL for a numeric column in a type numpy has; 64-bit integers stay exact."""
    return quoted(column) if dataset.types[column] in _NATIVE else f"{quoted(column)}::DOUBLE"


class Values(NamedTuple):
    """A column's values in the reference and in the window, in stored order, without nulls."""

    reference: "NDArray[Any]"
    current: "NDArray[Any]"


def in_numpys_types(sides: Sequence[LocalRows], columns: Sequence[str]) -> list[str]:
    """Return the columns that numpy holds as both sides have them."""
    types = {column: {side.dataset.types[column] for side in sides} for column in columns}
    return [column for column, found in types.items() if len(found) == 1 and found <= _NATIVE]


class _Growing:
    """Values that come one after the other, in one array for all that can come."""

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0
        self._array: NDArray[Any] | None = None

    def add(self, values: "NDArray[Any]") -> None:
        import numpy as np

        if self._array is None:
            self._array = np.empty(self.most, values.dtype)
        self._array[self.size : self.size + len(values)] = values
        self.size += len(values)

    @property
    def values(self) -> "NDArray[Any]":
        import numpy as np

        return np.empty(0) if self._array is None else self._array[: self.size]


def by_column(read: Read, columns: Sequence[str], rows: tuple[int, int]) -> Iterator[tuple[str, Values]]:
    """Yield the values of each column, as many columns in a pass as memory has room for.

    Args:
        rows: of the reference and of the window.
    """
    at_once = max(1, _BYTES_AT_ONCE // (_BYTES_OF_A_VALUE * max(sum(rows), 1)))
    for start in range(0, len(columns), at_once):
        group = columns[start : start + at_once]
        found = _read(read, group, rows)
        for name in group:
            yield name, found.pop(0)


def _read(read: Read, columns: Sequence[str], rows: tuple[int, int]) -> list[Values]:
    found = [[_Growing(most) for most in rows] for _ in columns]
    for side, batch in read(columns):
        for column, values in zip(found, batch, strict=True):
            column[side].add(values)
    return [Values(*(side.values for side in column)) for column in found]


def from_database(context: ValidationContext) -> Read:
    """Return what reads columns by a query."""
    sides = sides_of(context)

    def read(columns: Sequence[str]) -> "Iterator[tuple[int, list[NDArray[Any]]]]":
        for scan in scans_of(sides):
            fields = ", ".join([quoted(SIDE), *(_number(sides, scan, column) for column in columns)])
            for batch in scan.rows.project(fields).to_arrow_reader(_ROWS_AT_ONCE):
                which, *arrays = batch.columns
                for side, positions in by_side(which.to_numpy()):
                    yield side, [present_values(array, positions) for array in arrays]

    return read


def _number(sides: list[LocalRows], scan: Scan, column: str) -> str:
    sql = number(scan.dataset, column)
    alike = len({side.dataset.types[column] for side in sides}) == 1
    return sql if alike else f"{sql}::DOUBLE"


def present(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return the values that are not NaN."""
    import numpy as np

    if not np.issubdtype(values.dtype, np.floating):
        return values
    nan = np.isnan(values)
    return values[~nan] if nan.any() else values
