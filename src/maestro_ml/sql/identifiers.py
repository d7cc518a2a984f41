"""Names and values inside SQL text: what these functions return can only be a name, or a value."""

import hashlib
from datetime import datetime

_SHOWN, _DIGEST = 30, 24


def quoted(name: str) -> str:
    """Quote a column or table name as a SQL identifier, whatever it contains."""
    return '"' + name.replace('"', '""') + '"'


def view_name(name: str, *what: str) -> str:
    """Return a name for a view of a dataset's rows, different for each `name` and `what`.

    It begins with `name` for a person, and ends with their hash: engines match names without case, and PostgreSQL cuts
    them at 63 bytes.
    """
    digest = hashlib.sha256("\0".join((name, *what)).encode()).hexdigest()[:_DIGEST]
    return f"{name[:_SHOWN]} {digest}"


def timestamp_literal(moment: datetime) -> str:
    """Return a timezone-aware time as a DuckDB TIMESTAMPTZ literal; a datetime yields digits and fixed signs only."""
    return f"TIMESTAMPTZ '{moment.isoformat()}'"


def literal(value: str | int | float | bool) -> str:
    """Return a value of the project file as a SQL literal."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"'{value!r}'::DOUBLE"
    return "'" + value.replace("'", "''") + "'"
