"""Numbers straight from local Parquet files into arrays: half the work of asking the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from maestro_ml.core.sided import Sided
from maestro_ml.tables.arrow_values import as_sided

if TYPE_CHECKING:
    from numpy import int8
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile

ROWS_AT_ONCE = 131_072
_BUFFER = 1 << 18  # bytes of a column that are read at once; without it, a whole row group is


class NotAsStored(Exception):
    """The files do not hold the column as plain numbers, or cannot be read so; the database may still know how."""


@dataclass(frozen=True)
class Run:
    """Row groups of a file that are read one after the other.

    Attributes:
        numbers: which ones, from 0.
        sides: the side that their rows are of; or that of each row, as `Sided` has them, shape (rows,).
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
    _footers: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)  # read once for all columns

    def batches(self, columns: Sequence[str]) -> Iterator[list[Sided]]:
        """Yield some rows of the columns at a time, in stored order; nulls are of neither side.

        Raises:
            NotAsStored: ask the database.
        """
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        try:
            for file, runs in groupby(self.runs, attrgetter("file")):
                with ParquetFile(
                    file, metadata=self._footers.get(file), buffer_size=_BUFFER, pre_buffer=False
                ) as parquet:
                    self._footers[file] = parquet.metadata
                    for column in columns:
                        self._refuse(parquet, column)
                    for run in runs:
                        yield from _read(parquet, run, columns)
        except (pa.ArrowException, OSError, KeyError, ValueError, MemoryError) as error:
            raise NotAsStored(str(error)) from error

    def values(self, column: str) -> "NDArray[Any]":
        """Return all of the column's values without nulls, shape (n,); raises as `batches`."""
        import numpy as np

        return np.concatenate([part.present for [part] in self.batches([column])])

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


def _read(parquet: "ParquetFile", run: Run, columns: Sequence[str]) -> Iterator[list[Sided]]:
    first = 0
    for batch in parquet.iter_batches(ROWS_AT_ONCE, row_groups=[*run.numbers], columns=[*columns], use_threads=False):
        rows = len(batch)
        sides = run.sides if isinstance(run.sides, int) else run.sides[first : first + rows]
        yield [as_sided(batch.column(column), sides) for column in columns]
        first += rows
