"""SQL predicates in the project file: one boolean expression of the dataset's columns, in DuckDB's dialect.

What runs is written anew from the parsed expression, every name quoted; the text of the file itself is never run.
"""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from maestro_ml.sql.regex import check_matching

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

# Types of sqlglot's nodes a predicate may be made of; everything else, and every function sqlglot does not know, is
# refused. All are scalar, depend on the row alone (so no clock and no chance), and read neither files nor settings.
_CONDITIONS = (
    "And Or Not Xor Paren EQ NEQ GT GTE LT LTE Is In Between Like ILike NullSafeEQ NullSafeNEQ RegexpLike "
    "RegexpFullMatch StartsWith EndsWith Contains IsNan IsInf Escape Column Boolean Case If Coalesce"
)
_PARTS = (
    "Identifier Literal Null Add Sub Mul Div IntDiv Mod Neg Pow Abs Round Floor Ceil Sqrt Ln Log Exp Sign "
    "Greatest Least Lower Upper Trim Length Substring Left Right Replace StrPosition Concat DPipe Nullif Cast TryCast "
    "DataType DataTypeParam Interval Var Extract DateTrunc TimestampTrunc DateDiff Year Month Day Hour Minute Second "
    "DayOfWeek TimeToUnix"
)
_TYPES = (
    "BOOLEAN TINYINT SMALLINT INT BIGINT INT128 FLOAT DOUBLE DECIMAL VARCHAR TEXT DATE TIME "
    "TIMESTAMP TIMESTAMPNTZ TIMESTAMPTZ"
)


# What stands behind a time of day in a text: an offset, or the name of a zone.
OFFSET = re.compile(r"\d:\d+(?::\d+(?:\.\d*)?)?\s*[A-Za-z+-].*$")


_WITHOUT_ZONE = ("DATE", "TIMESTAMP", "TIMESTAMPNTZ")


class PredicateError(ValueError):
    """The text is not a predicate that may run; the message says what is wrong with it."""


@lru_cache(maxsize=4096)
def predicate_sql(text: str) -> str:
    """Return the predicate as DuckDB's SQL, names quoted, without comments.

    Raises:
        PredicateError: it is no single expression, or is made of something a predicate may not be made of.
    """
    return str(parsed(text).sql(dialect="duckdb", identify=True, comments=False))


def predicate_columns(text: str) -> tuple[str, ...]:
    """Return the columns a valid predicate names, each once, in their order."""
    from sqlglot import expressions

    return tuple(dict.fromkeys(column.name for column in parsed(text).find_all(expressions.Column, bfs=False)))


@lru_cache(maxsize=4096)
def parsed(text: str) -> "Expr":
    """Return the predicate as sqlglot's tree; raises PredicateError as `predicate_sql` does."""
    import sqlglot
    from sqlglot import expressions
    from sqlglot.errors import SqlglotError

    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        if any(token.token_type.name == "SEMICOLON" for token in tokens):
            raise PredicateError("a predicate is one expression, without a semicolon")
        if any(token.token_type.name == "TILDE" for token in tokens):
            # sqlglot takes DuckDB's operator, which is of whole texts, for the function that is of parts.
            raise PredicateError("write regexp_full_match(text, pattern) or regexp_matches(text, pattern) instead of ~")
        if not tokens:
            raise PredicateError("a predicate is one expression; this one is empty")
        expression = sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError as error:
        raise PredicateError(f"not a SQL expression: {_description(error)}") from error
    except RecursionError:
        raise PredicateError("a predicate is one short expression; this one is nested too deeply") from None
    for node in expression.walk():
        _accept(node)
    if not isinstance(expression, _classes(_CONDITIONS)):
        raise PredicateError(f"a predicate is true or false; {expression.sql(dialect='duckdb')} is neither")
    for node in expression.find_all(expressions.RegexpLike, expressions.RegexpFullMatch):
        _check_pattern(node)
    return expression


def _accept(node: "Expr") -> None:
    from sqlglot import expressions

    part = node.sql(dialect="duckdb", comments=False)
    if isinstance(node, expressions.Anonymous):
        raise PredicateError(f"the function {node.name} is not one a predicate may use")
    if type(node) not in _classes(f"{_CONDITIONS} {_PARTS}"):
        raise PredicateError(f"a predicate may not hold {part}: only columns, values, operators and functions of a row")
    if isinstance(node, expressions.Column) and (node.table or not isinstance(node.this, expressions.Identifier)):
        raise PredicateError(f"a predicate names columns of its own dataset only, and {part} is none")
    if isinstance(node, expressions.DataType) and (node.this.name not in _TYPES.split()):
        raise PredicateError(f"a predicate may not cast to {part}")
    if isinstance(node, expressions.Cast) and node.to.this.name in _WITHOUT_ZONE and _has_offset(node.this):
        raise PredicateError(f"{part} would ignore the offset; cast to TIMESTAMPTZ")
    if isinstance(node, expressions.Var) and not node.name.isidentifier():
        raise PredicateError(f"a predicate may not hold {part}")


def _check_pattern(node: "Expr") -> None:
    try:
        check_matching(node)
    except ValueError as error:
        raise PredicateError(str(error)) from None


def _has_offset(node: "Expr") -> bool:
    from sqlglot import expressions

    return isinstance(node, expressions.Literal) and bool(node.is_string and OFFSET.search(node.name))


@cache
def _classes(names: str) -> "tuple[type[Expr], ...]":
    from sqlglot import expressions

    return tuple(getattr(expressions, name) for name in names.split())


def _description(error: Exception) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return str(error).splitlines()[0]
    return f"{details[0]['description'].rstrip('.')}, at column {details[0]['col']}"


def _checked(text: str) -> str:
    predicate_sql(text)
    return text


Predicate = Annotated[str, AfterValidator(_checked)]
