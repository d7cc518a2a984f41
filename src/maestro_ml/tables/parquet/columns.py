"""Numbers of whole row groups, straight from local Parquet files into arrays: half the work of asking the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from maestro_ml.tables.arrow_values import present_values
from maestro_ml.tables.parquet.footers import Group

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile


class NotAsStored(Exception):
    """The files do not hold the column as plain numbers, or cannot be read so; the database may still know how."""


@dataclass(frozen=True)
class StoredColumns:
    """The columns of some row groups, but for `partitions`: those are names of folders.

    Threads may read beside each other: each opens the files for itself.
    """

    groups: Sequence[Group]
    partitions: frozenset[str] = frozenset()

    def parts(self, column: str) -> Iterator["NDArray[Any]"]:
        """Yield the column's values without nulls, a row group at a time, in stored order.

        Raises:
            NotAsStored: ask the database.
        """
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        if column in self.partitions:
            raise NotAsStored(f"{column} is the name of a folder")
        try:
            for file, groups in groupby(self.groups, attrgetter("file")):
                with ParquetFile(file) as parquet:
                    self._refuse(parquet, column)
                    for group in groups:
                        table = parquet.read_row_group(group.number, columns=[column], use_threads=False)
                        for chunk in table.column(column).chunks:
                            yield present_values(chunk)
        except (pa.ArrowException, OSError, KeyError, ValueError, MemoryError) as error:
            raise NotAsStored(str(error)) from error

    def values(self, column: str) -> "NDArray[Any]":
        """Return all of the column's values without nulls, shape (n,); raises as `parts`."""
        import numpy as np

        return np.concatenate(list(self.parts(column)))

    @staticmethod
    def _refuse(parquet: "ParquetFile", column: str) -> None:
        import pyarrow as pa

        schema = parquet.schema_arrow
        nested = any(kind.num_fields for kind in schema.types)  # their paths can read like names
        places = schema.get_all_field_indices(column)
        if nested or len(places) != 1:
            raise NotAsStored(f"{column} is nested, or not there just once")
        kind = schema.types[places[0]]
        plain = pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind)
        if not plain:
            raise NotAsStored(f"{column} is {kind}")
