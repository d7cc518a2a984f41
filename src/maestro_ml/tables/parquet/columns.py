"""Numbers straight from local Parquet files into arrays: half the work of asking the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from maestro_ml.tables.arrow_values import present_values

if TYPE_CHECKING:
    from numpy import int8
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile

_ROWS_AT_ONCE = 131_072
_BUFFER = 1 << 18  # bytes of a column that are read at once; without it, a whole row group is


class NotAsStored(Exception):
    """The files do not hold the column as plain numbers, or cannot be read so; the database may still know how."""


@dataclass(frozen=True)
class Run:
    """Row groups of a file that are read one after the other.

    Attributes:
        numbers: which ones, from 0.
        sides: the side that their rows are of; or that of each row, negative where it is of none, shape (rows,).
    """

    file: str
    numbers: tuple[int, ...]
    sides: "int | NDArray[int8]" = 0


@dataclass(frozen=True)
class StoredColumns:
    """The columns of some rows, but for `partitions`: those are names of folders.

    Threads may read beside each other: each opens the files for itself.
    """

    runs: Sequence[Run]
    partitions: frozenset[str] = frozenset()

    def batches(self, columns: Sequence[str]) -> "Iterator[tuple[int, list[NDArray[Any]]]]":
        """Yield the columns' values without nulls, some rows of one side at a time, in stored order.

        Raises:
            NotAsStored: ask the database.
        """
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        try:
            for file, runs in groupby(self.runs, attrgetter("file")):
                with ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False) as parquet:
                    for column in columns:
                        self._refuse(parquet, column)
                    for run in runs:
                        yield from _read(parquet, run, columns)
        except (pa.ArrowException, OSError, KeyError, ValueError, MemoryError) as error:
            raise NotAsStored(str(error)) from error

    def values(self, column: str) -> "NDArray[Any]":
        """Return all of the column's values without nulls, shape (n,); raises as `batches`."""
        import numpy as np

        return np.concatenate([values for _, [values] in self.batches([column])])

    def _refuse(self, parquet: "ParquetFile", column: str) -> None:
        import pyarrow as pa

        if column in self.partitions:
            raise NotAsStored(f"{column} is the name of a folder")
        schema = parquet.schema_arrow
        nested = any(kind.num_fields for kind in schema.types)  # their paths can read like names
        places = schema.get_all_field_indices(column)
        if nested or len(places) != 1:
            raise NotAsStored(f"{column} is nested, or not there just once")
        kind = schema.types[places[0]]
        plain = pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind)
        if not plain:
            raise NotAsStored(f"{column} is {kind}")


def _read(parquet: "ParquetFile", run: Run, columns: Sequence[str]) -> "Iterator[tuple[int, list[NDArray[Any]]]]":
    first = 0
    for batch in parquet.iter_batches(_ROWS_AT_ONCE, row_groups=[*run.numbers], columns=[*columns], use_threads=False):
        rows = len(batch)
        arrays = [batch.column(column) for column in columns]
        if isinstance(run.sides, int):
            yield run.sides, [present_values(array) for array in arrays]
        else:
            for side, positions in by_side(run.sides[first : first + rows]):
                yield side, [present_values(array, positions) for array in arrays]
        first += rows


def by_side(sides: "NDArray[int8]") -> "Iterator[tuple[int, NDArray[Any] | None]]":
    """Yield each side, the reference (0) and the window (1), with the positions of its rows; None if all are of it."""
    import numpy as np

    for side in (0, 1):
        positions = np.flatnonzero(sides == side)
        if len(positions):
            yield side, None if len(positions) == len(sides) else positions
