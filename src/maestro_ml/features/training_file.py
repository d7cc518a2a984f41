"""The file of a training set: written a part at a time, and read a column at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 2**18  # of a row group; a writer holds one


class TrainingFile:
    """A training set's file, of which no more than a column is held."""

    def __init__(self, file: Path, schema: "pa.Schema") -> None:
        import pyarrow.parquet as pq

        self.schema = schema  # as it was written; Parquet has other types for the codes of a dictionary
        self._parquet = pq.ParquetFile(file)

    @property
    def num_rows(self) -> int:
        """The number of its rows."""
        return int(self._parquet.metadata.num_rows)

    def __getitem__(self, name: str) -> "pa.ChunkedArray":
        return self._parquet.read(columns=[name])[name]


def write_rows(rows: "pa.RecordBatchReader", file: Path) -> TrainingFile:
    """Write rows as Parquet; equal rows give equal files, whatever batches they come in."""
    import pyarrow.parquet as pq

    schema = rows.schema.remove_metadata()
    with pq.ParquetWriter(file, schema) as writer:
        for group in _groups(rows):
            writer.write_table(group.replace_schema_metadata(), row_group_size=ROWS)
    return TrainingFile(file, schema)


def _groups(rows: "pa.RecordBatchReader") -> "Iterator[pa.Table]":
    """Yield tables of ROWS rows each, and the rest."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    for batch in rows:
        held.append(batch)
        while sum(each.num_rows for each in held) >= ROWS:
            table = pa.Table.from_batches(held)
            yield table.slice(0, ROWS).combine_chunks()
            held = table.slice(ROWS).to_batches()
    if held:
        yield pa.Table.from_batches(held).combine_chunks()
