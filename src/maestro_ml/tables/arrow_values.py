"""Numbers out of Arrow's buffers: four times as quick as its own `drop_null`."""

from typing import TYPE_CHECKING, Any

from maestro_ml.core.sided import Sided

if TYPE_CHECKING:
    from numpy import bool_, int8
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


def as_sided(chunk: Any, sides: "int | NDArray[int8]") -> Sided:
    """Return the values of a chunk with the sides they are of; nulls are of neither."""
    import numpy as np

    values, valid = values_and_validity(chunk)
    return Sided(values, sides).without(None if valid is None else np.logical_not(valid))
