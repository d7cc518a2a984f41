"""Names and values inside SQL text: what these functions return can only be a name, or a value."""

from datetime import datetime


def quoted(name: str) -> str:
    """A column or table name as a SQL identifier, whatever it contains."""
    return '"' + name.replace('"', '""') + '"'


def timestamp_literal(moment: datetime) -> str:
    """A timezone-aware time as a DuckDB TIMESTAMPTZ literal; only digits and fixed signs come out of a datetime."""
    return f"TIMESTAMPTZ '{moment.isoformat()}'"


def literal(value: str | int | float | bool) -> str:
    """A value of the project file as a SQL literal."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"'{value!r}'::DOUBLE"
    return "'" + value.replace("'", "''") + "'"
