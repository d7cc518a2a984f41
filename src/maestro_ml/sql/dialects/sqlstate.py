"""SQLSTATE: whether one query is at fault, or nothing can be read at all."""

from maestro_ml.core.errors import DataError, QueryError
from maestro_ml.core.library_errors import text_of

# Cardinality, values, grammar and types, features not there, limits: other queries may still be answered.
_OF_THE_QUERY = ("0A", "21", "22", "39", "42", "54")


def refused(error: Exception, state: str | None, where: str) -> QueryError | DataError:
    """Return the error to raise for an engine's error, with its message in one line."""
    message = text_of(error)
    if state and state.startswith(_OF_THE_QUERY):
        return QueryError(message)
    return DataError(f"{where} cannot be read: {message}")
