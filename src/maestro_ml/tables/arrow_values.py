"""Numbers out of Arrow's buffers: four times as quick as its own `drop_null`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import bool_
    from numpy.typing import NDArray

_DTYPES = {"float": "float32", "double": "float64"}  # Arrow's name for it imports pandas


def values_and_validity(chunk: Any) -> "tuple[NDArray[Any], NDArray[bool_] | None]":
    """Return the values of a chunk of plain numbers, and which of them are not null; None if none is.

    Shapes (n,).
    """
    import numpy as np

    validity, data = chunk.buffers()
    inside = slice(chunk.offset, chunk.offset + len(chunk))
    values = np.frombuffer(data, _DTYPES.get(str(chunk.type), str(chunk.type)))[inside]
    if not chunk.null_count:
        return values, None
    bits = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
    return values, bits[inside].view(np.bool_)


def present_values(chunk: Any, positions: "NDArray[Any] | None" = None) -> "NDArray[Any]":
    """Return the values of a chunk that are not null, at some positions or (None) at all, shape (n,)."""
    import numpy as np

    values, valid = values_and_validity(chunk)
    if positions is not None:  # a mask of rows in no order is slower
        values, valid = values.take(positions), None if valid is None else valid.take(positions)
    return values if valid is None else np.compress(valid, values)
