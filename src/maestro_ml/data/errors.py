"""What can be wrong with a source."""

from collections.abc import Iterator
from contextlib import contextmanager

from maestro_ml.project import MaestroError


class DataError(MaestroError):
    """A source cannot be read; the message names it and what to do."""


class QueryError(MaestroError):
    """An engine refuses a query; the others go on."""


class NoEventTime(DataError):
    """The rows of a window cannot be told: there is no such column, or it holds no time."""


def unreadable() -> tuple[type[Exception], ...]:
    """What DuckDB says about bad content; its other errors are ours."""
    import duckdb

    return (
        duckdb.IOException,
        duckdb.SerializationException,
        duckdb.OutOfMemoryException,
        duckdb.DataError,
        duckdb.InvalidInputException,
    )


@contextmanager
def reading(location: str) -> Iterator[None]:
    """Turn what DuckDB says about bad content into a DataError that names the location."""
    try:
        yield
    except unreadable() as error:
        raise DataError(f"{location} cannot be read: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Why something cannot be read, and what to do, in one line."""
    message = str(error)
    if "utf-8" in message.lower() or "unicode" in message.lower():
        return "it is not UTF-8 text; convert it first, for example: iconv -f latin1 -t utf-8"
    return message.splitlines()[0]
