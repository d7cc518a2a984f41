"""Arrow types of features and labels."""

from typing import Any


def plain_type(column: Any) -> Any:
    """Return the Arrow type of a column's values, also where they are encoded by a dictionary."""
    import pyarrow as pa

    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type is one of text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
