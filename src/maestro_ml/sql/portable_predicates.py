"""Predicates that are true of the same rows on every engine."""

from maestro_ml.sql.predicates import PredicateError, parsed

# Left out: division and remainder (rounding, zero), functions of text (alphabets) and time (zones), casts of columns.
_PORTABLE = (
    "And Or Not Paren EQ NEQ GT GTE LT LTE Is In Between Like NullSafeEQ NullSafeNEQ Column Boolean Case If Coalesce "
    "Identifier Literal Null Add Sub Mul Neg Abs Length Nullif IsNan Cast DataType"
)
_TIMES = ("DATE", "TIMESTAMP", "TIMESTAMPNTZ", "TIMESTAMPTZ")


def check_portable(text: str) -> None:
    """Refuse what engines evaluate differently.

    Raises:
        PredicateError: naming what it is.
    """
    from sqlglot import expressions

    for node in parsed(text).walk():
        part = node.sql(dialect="duckdb", comments=False)
        if type(node).__name__ not in _PORTABLE.split():
            raise _refused(text, part)
        if isinstance(node, expressions.Cast) and not (
            isinstance(node.this, expressions.Literal) and node.to.this.name in _TIMES
        ):
            raise _refused(text, part)
        if isinstance(node, expressions.Like) and (
            not isinstance(node.expression, expressions.Literal) or "\\" in node.expression.name
        ):
            raise _refused(text, part)  # to DuckDB a backslash is a character like others


def _refused(text: str, part: str) -> PredicateError:
    return PredicateError(
        f"'{text}' holds {part}, which engines evaluate differently; every engine knows comparisons, AND, OR, NOT, IN, "
        "BETWEEN, LIKE, IS NULL, CASE, coalesce, abs, length, +, - and *"
    )
