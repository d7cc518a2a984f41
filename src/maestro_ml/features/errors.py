"""Errors of the feature store."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from maestro_ml.core.library_errors import text_of
from maestro_ml.project import MaestroError
from maestro_ml.tables import DataError


class FeatureStoreError(MaestroError):
    """A registry, a source or an online store failed; the message names it."""

    def __init__(self, message: str, exit_code: int = MaestroError.exit_code) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def feast_call(what: str) -> Iterator[None]:
    """Call into Feast: turn errors into a FeatureStoreError with context, and show what it prints only on a terminal.

    Raises:
        FeatureStoreError: whatever Feast, a store's client or a source raised; a RequestError passes unchanged.
    """
    try:
        with redirect_stdout(sys.stderr if sys.stderr.isatty() else io.StringIO()):
            yield
    except DataError as error:
        raise FeatureStoreError(f"{what} failed: {error}", error.exit_code) from error
    except MaestroError:
        raise
    except Exception as error:  # each store's client has errors of its own
        raise FeatureStoreError(f"{what} failed: {explained(error)}") from error


def explained(error: Exception) -> str:
    """Return the kind of an error and its first line; later lines may repeat statements and values."""
    kind, text = type(error).__name__, text_of(error)
    return text if text.startswith(kind) else f"{kind}: {text}"
