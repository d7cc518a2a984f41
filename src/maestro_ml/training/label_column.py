"""The label of a training set as an estimator gets it."""

from typing import Any

from maestro_ml.core.library_errors import are_values_hidden
from maestro_ml.training.arrow_types import is_text, plain_type
from maestro_ml.training.errors import CannotLearn


def label_column(name: str, column: Any, regression: bool) -> Any:
    """Return the labels as doubles for a regression; otherwise as whole numbers, text, or doubles with fractions.

    Booleans become 0 and 1.

    Raises:
        CannotLearn: a label is missing or infinite, or of a type that no model predicts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = plain_type(column)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not is_number and (regression or not (is_text(kind) or pa.types.is_boolean(kind))):
        wanted = "a number" if regression else "text, a boolean or a number"
        raise CannotLearn(f"the label '{name}' is {kind}; it must be {wanted}")
    missing = column.null_count
    if pa.types.is_floating(kind):
        missing = pc.sum(pc.is_null(column, nan_is_null=True)).as_py() or 0
    if missing:
        raise CannotLearn(f"the label '{name}' is missing in {missing:,} of {len(column):,} rows")
    if is_text(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.int64())
    if pa.types.is_floating(kind) and (infinite := pc.sum(pc.is_inf(column)).as_py()):
        raise CannotLearn(f"the label '{name}' is infinite in {infinite:,} of {len(column):,} rows")
    if regression:
        return column.cast(pa.float64(), safe=False)
    return _whole(name, column, kind)


def _whole(name: str, column: Any, kind: Any) -> Any:
    """Return classes that are numbers: as integers, where all of them are whole; pandas stores integers as doubles."""
    import pyarrow as pa

    if pa.types.is_integer(kind):
        return column.cast(pa.int64())
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        if pa.types.is_decimal(kind):
            values = sorted(map(str, column.unique().to_pylist()))[:5]
            shown = "fractions" if are_values_hidden() else ", ".join(values)
            raise CannotLearn(
                f"the label '{name}' holds {shown}; classes are text, booleans or whole numbers"
            ) from None
        return column.cast(pa.float64())
