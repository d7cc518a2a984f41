"""Names and times inside SQL text. Everything else goes in as a parameter."""

from datetime import datetime


def quoted(name: str) -> str:
    """A column or table name as a SQL identifier, whatever it contains."""
    return '"' + name.replace('"', '""') + '"'


def timestamp_literal(moment: datetime) -> str:
    """A timezone-aware time as a DuckDB TIMESTAMPTZ literal; only digits and fixed signs come out of a datetime."""
    return f"TIMESTAMPTZ '{moment.isoformat()}'"
