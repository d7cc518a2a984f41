"""The values of a training set's columns as a model gets them."""

from typing import Any

from maestro_ml.training.arrow_types import is_text, plain_type
from maestro_ml.training.errors import CannotLearn

_EXACT = 2**53  # a double holds every whole number up to it


def usable(name: str, column: Any) -> Any:
    """Return numbers and booleans as doubles, and text as text.

    Raises:
        CannotLearn: it is of a type that no model can use.
    """
    import pyarrow as pa

    kind = plain_type(column)
    if is_text(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        # safe=False: an integer above 2^53 may lose its last digits; the feature is reported.
        return column.cast(pa.float64(), safe=False)
    raise CannotLearn(f"the feature '{name}' is {kind}; a model takes numbers, booleans and text")


def is_rounded(column: Any) -> bool:
    """Return whether some whole numbers are beyond what a double holds exactly."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = plain_type(column)
    if not (pa.types.is_integer(kind) and kind.bit_width == 64) and not pa.types.is_decimal(kind):  # noqa: PLR2004
        return False
    ends = pc.min_max(column.cast(kind)).values()
    return any(end.is_valid and abs(end.as_py()) > _EXACT for end in ends)
