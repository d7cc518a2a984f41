"""What can be wrong with a source."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from maestro_ml.core.errors import DataError, WrongSource
from maestro_ml.core.library_errors import are_values_hidden, may_hold_values, text_of


class MissingSource(WrongSource):
    """Nothing is where the project file puts a source: a name to correct, or data that is not there yet."""


def unreadable() -> tuple[type[Exception], ...]:
    """Return DuckDB's errors about bad content; its other errors (of binding, of the catalog) are bugs of ours."""
    import duckdb

    return (
        duckdb.IOException,
        duckdb.SerializationException,
        duckdb.OutOfMemoryException,
        duckdb.DataError,
        duckdb.InvalidInputException,
        duckdb.InvalidTypeException,
        duckdb.NotSupportedError,
        duckdb.InternalError,
        duckdb.FatalException,
        duckdb.PermissionException,
        UnicodeDecodeError,
        RuntimeError,  # of DuckDB's own libraries, such as Thrift's for a damaged Parquet file
        MemoryError,
    )


def is_nameless(error: Exception) -> bool:
    """Return whether it is an error of a library inside DuckDB, such as Thrift's, which has no class of its own."""
    import duckdb

    return type(error) is duckdb.Error


@contextmanager
def reading(location: str) -> Iterator[None]:
    """Turn DuckDB's errors about bad content into a DataError that names the location."""
    try:
        yield
    except NotImplementedError:  # a RuntimeError, and ours
        raise
    except Exception as error:
        if not isinstance(error, unreadable()) and not is_nameless(error):
            raise
        raise DataError(f"{location} cannot be read: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Say why something cannot be read, and what to do, in one line."""
    message = str(error)
    if "no space left" in message.lower() or "failed to offload" in message:  # DuckDB keeps to the space there is
        return f"no space left on device for temporary files in {tempfile.gettempdir()}; TMPDIR names another folder"
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    hidden = " (its text is hidden: it may hold a value of a column marked pii)"
    return text_of(error) + (hidden if are_values_hidden() and may_hold_values(error) else "")
