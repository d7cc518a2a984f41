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


@contextmanager
def reading(location: str) -> Iterator[None]:
    """Turn what DuckDB says about bad content into a DataError that names the location; its other errors are ours."""
    import duckdb

    try:
        yield
    except (
        duckdb.IOException,
        duckdb.SerializationException,
        duckdb.OutOfMemoryException,
        duckdb.DataError,
        duckdb.InvalidInputException,
    ) as error:
        raise DataError(_explained(location, str(error))) from error


def _explained(location: str, message: str) -> str:
    if "utf-8" in message.lower() or "unicode" in message.lower():
        return f"{location} is not UTF-8 text; convert it first, for example: iconv -f latin1 -t utf-8"
    return f"{location} cannot be read: {message.splitlines()[0]}"
