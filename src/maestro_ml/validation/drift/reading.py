"""Columns of the window and of the reference as arrays, a few at a time."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import Table
from maestro_ml.tables.parquet.columns import NotAsStored
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.rows import LocalRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BYTES_AT_ONCE = 64_000_000
_BYTES_OF_A_VALUE = 8
# What numpy holds as it is; wider types (decimals, 128-bit integers) are compared as doubles.
_NATIVE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"}
)


def number(dataset: Table, column: str) -> str:
    """Return SQL for a numeric column in a type numpy has; 64-bit integers stay exact."""
    return quoted(column) if dataset.types[column] in _NATIVE else f"{quoted(column)}::DOUBLE"


class Values(NamedTuple):
    """A column's values in the reference and in the window, in stored order; missing ones left out, masked or NaN."""

    reference: "NDArray[Any]"
    current: "NDArray[Any]"


def as_stored(context: ValidationContext, column: str) -> Values:
    """Return the values straight from the files; in any thread.

    Raises:
        NotAsStored: only the database can tell.
    """
    reference, current = context.reference.extract.stored, context.current.extract.stored
    if reference is None or current is None:
        raise NotAsStored(f"{context.dataset.name} has rows of other windows beside those wanted")
    return Values(reference.values(column), current.values(column))


def by_column(context: ValidationContext, columns: Sequence[str]) -> Iterator[tuple[str, Values]]:
    """Yield the values of each column from the database."""
    rows = context.reference.count + context.current.count
    at_once = max(1, _BYTES_AT_ONCE // (_BYTES_OF_A_VALUE * max(rows, 1)))
    for start in range(0, len(columns), at_once):
        group = columns[start : start + at_once]
        reference, current = _read(context.reference.extract, group), _read(context.current.extract, group)
        for column in group:
            yield column, Values(reference.pop(column), current.pop(column))


def _read(side: LocalRows, columns: Sequence[str]) -> dict[str, "NDArray[Any]"]:
    selected = ", ".join(f"{number(side.dataset, column)} AS c{i}" for i, column in enumerate(columns))
    found = side.rows.project(selected).fetchnumpy()
    return {column: found.pop(f"c{i}") for i, column in enumerate(columns)}


def present(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return the values that are not missing: neither masked nor NaN."""
    import numpy as np

    known: NDArray[Any] = values.compressed() if isinstance(values, np.ma.MaskedArray) else values
    if not np.issubdtype(known.dtype, np.floating):
        return known
    nan = np.isnan(known)
    return known[~nan] if nan.any() else known
