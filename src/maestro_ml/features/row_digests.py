"""Digests of a training set's content: a later build that differs says in which columns and in which part of the time.

They depend on the values alone, not on the versions of the libraries that write the file.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from maestro_ml.project import Window

if TYPE_CHECKING:
    import pyarrow as pa

_PARTS = 64  # of the window


@dataclass(frozen=True)
class PartDigest:
    """The rows of a part of the window; of rows without a time there is one part."""

    start: datetime
    end: datetime
    rows: int
    sha256: str


@dataclass(frozen=True)
class RowDigests:
    """Digests of every column, and of every part of the window that has rows."""

    columns: dict[str, str]
    parts: tuple[PartDigest, ...]


class Columns(Protocol):
    """A table whose columns are read by name."""

    @property
    def schema(self) -> "pa.Schema":
        """The types of the columns."""

    @property
    def num_rows(self) -> int:
        """The number of rows."""

    def __getitem__(self, name: str) -> "pa.ChunkedArray":
        """Return a column."""


def digests_of_rows(table: Columns, timestamp: str | None, window: Window) -> RowDigests:
    """Return the digests of a table whose rows are in the order of their time; one column is held at a time."""
    parts = list(_parts(table, timestamp, window))
    wholes = [hashlib.sha256() for _ in parts]
    columns = {}
    for field in table.schema:
        digest, column = hashlib.sha256(str(field.type).encode()), table[field.name]
        for whole, (_, first, end) in zip(wholes, parts, strict=True):
            for content in _contents(column.slice(first, end - first)):
                digest.update(content)
                whole.update(content)
        columns[field.name] = digest.hexdigest()
    return RowDigests(
        columns,
        tuple(
            PartDigest(part.start, part.end, end - first, whole.hexdigest())
            for whole, (part, first, end) in zip(wholes, parts, strict=True)
        ),
    )


def _parts(table: Columns, timestamp: str | None, window: Window) -> Iterator[tuple[Window, int, int]]:
    """Yield the parts of the window that have rows, each with its first row and the one after its last."""
    import numpy as np
    import pyarrow as pa

    if timestamp is None:
        yield window, 0, table.num_rows
        return
    moments = table[timestamp].cast(pa.timestamp("us", "UTC"), safe=False).to_numpy().astype("datetime64[us]")
    starts = [window.start + window.length * part / _PARTS for part in range(_PARTS + 1)]
    cuts = np.searchsorted(moments, np.array([start.replace(tzinfo=None) for start in starts], "datetime64[us]"))
    for part in range(_PARTS):
        if cuts[part] < cuts[part + 1]:
            yield Window(starts[part], starts[part + 1]), int(cuts[part]), int(cuts[part + 1])


def _contents(column: "pa.ChunkedArray") -> Iterator[bytes]:
    """Yield the bytes that make up a column's values: where nulls are, and the others one after another."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    yield np.packbits(pc.is_null(column).to_numpy()).tobytes()
    values = pa.concat_arrays(column.drop_null().chunks) if column.null_count < len(column) else pa.nulls(0, kind)
    if pa.types.is_boolean(kind):
        values, kind = values.cast(pa.uint8()), pa.uint8()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        width = np.int64 if pa.types.is_large_string(kind) else np.int32
        _, places, content = values.buffers()
        if len(values):
            ends = np.frombuffer(places, width)[values.offset : values.offset + len(values) + 1]
            yield np.diff(ends).astype(np.int64).tobytes()
            yield memoryview(content)[ends[0] : ends[-1]].tobytes() if content else b""
    elif _has_fixed_width(kind):
        size = kind.bit_width // 8
        content = values.buffers()[1]
        if len(values):
            yield memoryview(content)[values.offset * size : (values.offset + len(values)) * size].tobytes()
    else:  # lists and structs
        yield repr(values.to_pylist()).encode()


def _has_fixed_width(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_primitive(kind) or pa.types.is_decimal(kind))
