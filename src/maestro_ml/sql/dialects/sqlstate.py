"""What an engine's SQLSTATE says: is one query at fault, or can nothing be read at all?"""

from maestro_ml.core.errors import DataError, QueryError
from maestro_ml.core.library_errors import text_of

# Cardinality, values, grammar and types, features not there, limits: other queries may still be answered.
_OF_THE_QUERY = ("0A", "21", "22", "39", "42", "54")


def refused(error: Exception, state: str | None, where: str) -> QueryError | DataError:
    """An engine's error as ours, in one line."""
    message = text_of(error)
    if state and state.startswith(_OF_THE_QUERY):
        return QueryError(message)
    return DataError(f"{where} cannot be read: {message}")
