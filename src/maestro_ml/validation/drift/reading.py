"""Columns of the window and of the reference as arrays, a few at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_ml.core.sided import CURRENT, REFERENCE, Sided
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import Table
from maestro_ml.tables.arrow_values import as_numpy, as_sided
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.rows import LocalRows
from maestro_ml.validation.sides import SIDE, Scan, scans_of, sides_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS_AT_ONCE = 131_072
_BYTES_AT_ONCE = 32_000_000
_BYTES_OF_A_VALUE = 8
# What numpy holds as it is; wider types (decimals, 128-bit integers) are compared as doubles.
_NATIVE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"}
)

# Reads some columns: the values of each, of some rows at a time; nulls are of neither side.
Read = Callable[[Sequence[str]], Iterator[list[Sided]]]


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

        if not len(values):
            return
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
    for group in _groups(columns, rows):
        found = [[_Growing(most) for most in rows] for _ in group]
        for batch in read(group):
            for column, part in zip(found, batch, strict=True):
                for side in (REFERENCE, CURRENT):
                    column[side].add(part.of(side))
        for name in group:
            yield name, Values(*(side.values for side in found.pop(0)))


def in_parts(read: Read, columns: Sequence[str], rows: tuple[int, int]) -> Iterator[tuple[str, list[Sided]]]:
    """Yield the values of each column as they are read; else as `by_column`."""
    for group in _groups(columns, rows):
        found: list[list[Sided]] = [[] for _ in group]
        for batch in read(group):
            for column, part in zip(found, batch, strict=True):
                column.append(part)
        for name in group:
            yield name, found.pop(0)


def _groups(columns: Sequence[str], rows: tuple[int, int]) -> Iterator[Sequence[str]]:
    at_once = max(1, _BYTES_AT_ONCE // (_BYTES_OF_A_VALUE * max(sum(rows), 1)))
    return (columns[start : start + at_once] for start in range(0, len(columns), at_once))


def from_database(context: ValidationContext) -> Read:
    """Return what reads columns by a query."""
    sides = sides_of(context)

    def read(columns: Sequence[str]) -> Iterator[list[Sided]]:
        for scan in scans_of(sides):
            fields = ", ".join([quoted(SIDE), *(_number(sides, scan, column) for column in columns)])
            for batch in scan.rows.project(fields).to_arrow_reader(ROWS_AT_ONCE):
                which, *arrays = batch.columns
                yield [as_sided(array, as_numpy(which)) for array in arrays]

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
