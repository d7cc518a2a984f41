"""Values of Arrow columns in a form in which equal means equal: no rounding, NaN equal to NaN."""

import math
from collections.abc import Hashable
from decimal import Decimal

import pyarrow as pa

_NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


def cells(column: pa.ChunkedArray) -> list[Hashable]:
    """Return the values of a column; times as whole nanoseconds since 1970."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return cells(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        factor = _NANOSECONDS[kind.unit]
        return [None if value is None else value * factor for value in column.cast(pa.int64()).to_pylist()]
    return [_plain(value) for value in column.to_pylist()]


def _plain(value: object) -> Hashable:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return value  # type: ignore[return-value]
