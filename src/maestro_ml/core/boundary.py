"""Turn exceptions of other libraries into Maestro's own, in one sentence."""

import os
import re
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from maestro_ml.core.errors import MaestroError, SystemFailed, UnknownError
from maestro_ml.core.library_errors import are_values_hidden, may_hold_values, text_of, values_hidden
from maestro_ml.core.secrets import without_passwords

_LIBRARIES = {
    "_duckdb": "DuckDB",
    "duckdb": "DuckDB",
    "sqlalchemy": "the database",
    "psycopg": "the database",
    "psycopg2": "the database",
    "sqlite3": "the database",
    "pyarrow": "Arrow",
    "feast": "Feast",
    "mlflow": "MLflow",
    "sklearn": "scikit-learn",
    "skops": "skops",
    "fsspec": "the file system",
    "s3fs": "the bucket",
    "botocore": "the bucket",
    "aiohttp": "the network",
    "httpx": "the network",
    "requests": "the network",
    "urllib3": "the network",
    "redis": "Redis",
    "pyspark": "Spark",
}
# Libraries raise these because of the data. The likelier cause of other built-in errors is a bug in Maestro.
_OF_VALUES = (ValueError, RuntimeError, ArithmeticError)
_PACKAGE = re.compile(r"(?:^|[/\\](?:site|dist)-packages[/\\])(\w+)[/\\]")
# DuckDB raises these because of the query, not the data: a bug in Maestro.
_OURS = frozenset({"BinderException", "CatalogException", "ParserException", "SyntaxException", "ProgrammingError"})

_INTERRUPTED = "Query interrupted"  # DuckDB's message if a signal handler raises during a query

Keep = Callable[[str], str]


class _Project(Protocol):
    @property
    def has_personal_columns(self) -> bool: ...


@contextmanager
def boundary(doing: str, project: _Project | None = None, keep: Keep | None = None) -> Iterator[None]:
    """Let only Maestro's errors out of the block.

    Args:
        doing: what was being done, and to what; the message starts with it.
        project: if one of its columns is marked `pii`, text that may hold a value is hidden.
        keep: writes the text of a traceback and returns its place; by default, the folder for temporary files.

    Raises:
        MaestroError: as raised inside, or translated from any other exception.
    """
    with values_hidden(project is not None and project.has_personal_columns):
        try:
            yield
        except MaestroError:
            raise
        except Exception as error:
            raise translated(error, doing, keep) from (None if are_values_hidden() else error)


def translated(error: Exception, doing: str, keep: Keep | None = None) -> MaestroError:
    """Return one of Maestro's errors for an exception, in one line; write an unexpected one's traceback to a file."""
    if isinstance(error, MemoryError):
        return SystemFailed(f"{doing}: there is not enough memory")
    if str(error) == _INTERRUPTED:
        return SystemFailed(f"{doing}: stopped in the middle of a query")
    source = _source_of(error)
    if source:
        return SystemFailed(f"{doing}: {source}: {text_of(error)}")
    kind, text = type(error).__name__, text_of(error)
    described = text if text.startswith(kind) else f"{kind}: {text}"
    return UnknownError(f"{doing}: an unexpected error, {described}; {_kept(error, keep)}")


def _source_of(error: Exception) -> str | None:
    """Return the library or system that raised an exception; None if it can only be a bug in Maestro."""
    kinds = [(kind.__module__.partition(".")[0], kind.__name__) for kind in type(error).__mro__]
    if any(module == "_duckdb" and name in _OURS for module, name in kinds[:1]):
        return None
    known = next((_LIBRARIES[module] for module, _ in kinds if module in _LIBRARIES), None)
    if known or isinstance(error, OSError):
        return known or "the system"
    return _raising_library(error) if isinstance(error, _OF_VALUES) else None


def _raising_library(error: Exception) -> str | None:
    """Return the library whose code raised a built-in error."""
    frames = traceback.extract_tb(error.__traceback__)
    package = _PACKAGE.search(frames[-1].filename) if frames else None
    return _LIBRARIES.get(package[1]) if package else None


def _kept(error: Exception, keep: Keep | None) -> str:
    text = _traceback_of(error)
    for way in (keep, _keep_temporarily):
        try:
            if way:
                return f"its traceback is in {way(text)}"
        except (MaestroError, OSError):
            continue
    return "its traceback could not be written"


def _traceback_of(error: Exception) -> str:
    """Format the traceback of an error and of its causes, without passwords and hidden values."""
    parts: list[str] = []
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        hidden = are_values_hidden() and may_hold_values(current)
        message = [f"{text_of(current)}\n"] if hidden else traceback.format_exception_only(current)
        parts.append(
            "".join(["Traceback (most recent call last):\n", *traceback.format_tb(current.__traceback__), *message])
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return without_passwords("\nwhich led to:\n\n".join(reversed(parts)))


def _keep_temporarily(text: str) -> str:
    """Write the traceback for its owner alone, whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix="maestro-traceback-", suffix=".txt")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return name
