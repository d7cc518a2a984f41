"""What of another library's error may be shown: its text can repeat a value of the data, or a password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from maestro_ml.core.secrets import without_passwords

_HIDDEN: ContextVar[bool] = ContextVar("maestro_values_hidden", default=False)
_LONGEST = 500
# Of these the text names files, addresses, tables and limits, never a value.
_WITHOUT_VALUES = frozenset(
    {
        ("maestro_ml", "MaestroError"),  # made of texts that went through here
        ("_duckdb", "IOException"),
        ("_duckdb", "HTTPException"),
        ("_duckdb", "CatalogException"),
        ("_duckdb", "OutOfMemoryException"),
        ("_duckdb", "PermissionException"),
        ("_duckdb", "SerializationException"),
        ("sqlite3", "DatabaseError"),
        ("psycopg", "OperationalError"),
        ("psycopg2", "OperationalError"),
        ("sqlalchemy", "OperationalError"),
        ("sqlalchemy", "ArgumentError"),
        ("sqlalchemy", "NoSuchModuleError"),
        ("sqlalchemy", "NoSuchTableError"),
        ("mlflow", "MlflowException"),
        ("requests", "RequestException"),
        ("httpx", "HTTPError"),
        ("botocore", "BotoCoreError"),
        ("botocore", "ClientError"),
        ("builtins", "OSError"),
        ("builtins", "ImportError"),
        ("builtins", "MemoryError"),
        ("builtins", "RecursionError"),
    }
)


@contextmanager
def values_hidden(hidden: bool) -> Iterator[None]:
    """Show no text that may hold a value of the data inside the block, if `hidden` or an outer block says so."""
    token = _HIDDEN.set(_HIDDEN.get() or hidden)
    try:
        yield
    finally:
        _HIDDEN.reset(token)


def are_values_hidden() -> bool:
    """Return whether a text that may hold a value of the data must not be shown now."""
    return _HIDDEN.get()


def may_hold_values(error: BaseException) -> bool:
    """Return whether the text of an error can repeat what is in the data."""
    text = str(error)
    if "decode to UTF-8" in text:  # SQLite's, which repeats the bytes
        return True
    kinds = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(error).__mro__}
    return kinds.isdisjoint(_WITHOUT_VALUES) or isinstance(error, UnicodeError)


def text_of(error: BaseException) -> str:
    """Return the first line of an error, without passwords; only its kind where it may hold a hidden value."""
    kind = type(error).__name__
    if are_values_hidden() and may_hold_values(error):
        return kind
    if isinstance(error, OSError) and error.strerror:
        return without_passwords(_of_the_system(error))
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), kind)
    return without_passwords(re.sub(r"\s+", " ", line))[:_LONGEST]


def reason_of(error: OSError) -> str:
    """Return why the system refused, in words and without a file's name."""
    reason = str(error.strerror or error)
    return f"{reason[:1].lower()}{reason[1:]}"


def _of_the_system(error: OSError) -> str:
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    return f"{reason_of(error)}: {' and '.join(names)}" if names else reason_of(error)
