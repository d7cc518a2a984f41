"""What a column of text becomes."""

from typing import NamedTuple


class TypedText(NamedTuple):
    """A type, and how the text becomes a value of it.

    Attributes:
        stored: DuckDB's type; VARCHAR where a value cannot be read.
        sql: the value, out of the text.
        attempt: SQL that is null where a value of a column that stays text cannot be read.
        format: the strptime format values are read by that are not as in ISO 8601.
    """

    stored: str
    sql: str
    attempt: str | None = None
    format: str | None = None
