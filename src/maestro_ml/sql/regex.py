"""Regular expressions in the project file, in the dialect of DuckDB: RE2 itself decides whether one is valid."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlglot.expressions import Expr

_MEND = "put a backslash before a character that stands for itself; there is no look-around and no back-reference"


def check_regex(pattern: str) -> str:
    """Return the pattern if it is valid.

    Raises:
        ValueError: it is not; with RE2's message.
    """
    _execute("SELECT regexp_full_match('', ?)", [pattern])
    return pattern


def check_matching(node: "Expr") -> None:
    """Check the pattern and options of a predicate's regexp_* function, unless they are columns.

    Raises:
        ValueError: they cannot be used.
    """
    from sqlglot import expressions

    of_a_text = node.copy()
    of_a_text.set("this", expressions.Literal.string(""))
    if not of_a_text.find(expressions.Column):
        _execute(f"SELECT {of_a_text.sql(dialect='duckdb', identify=True, comments=False)}", [])


def _execute(query: str, values: list[str]) -> None:
    import duckdb

    try:
        _database().execute(query, values)
    except duckdb.Error as error:
        message = str(error).partition(": ")[2].splitlines()[0]
        raise ValueError(f"not a regular expression of RE2: {message}; {_MEND}") from None


@cache
def _database() -> "DuckDBPyConnection":
    """Open a database only where a pattern is declared: that takes longer than the rest of a project file."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


Regex = Annotated[str, AfterValidator(check_regex)]
