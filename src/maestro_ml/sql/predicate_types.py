"""What a predicate does with columns whose type the contract knows, and that can never work."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from maestro_ml.sql.predicates import parsed
from maestro_ml.sql.types import NUMERIC, TIMES, ColumnType, are_comparable

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_COMPARISONS = ("EQ", "NEQ", "GT", "GTE", "LT", "LTE", "NullSafeEQ", "NullSafeNEQ", "In", "Between")
_OF_TEXT = (
    *(
        "Like",
        "ILike",
        "RegexpLike",
        "RegexpFullMatch",
        "StartsWith",
        "EndsWith",
        "Contains",
        "Lower",
        "Upper",
        "Length",
    ),
    *("Trim", "Substring", "Left", "Right", "Replace", "StrPosition"),
)
_OF_NUMBERS = (
    *("Mul", "Div", "IntDiv", "Mod", "Pow"),
    *("Neg", "Abs", "Round", "Floor", "Ceil", "Sqrt", "Ln", "Exp", "Sign"),
)
_JOINED = ("And", "Or", "Not", "Xor", "Paren")
_NUMBER = re.compile(r"\s*[+-]?(\d|\.\d|inf|nan)", re.I)
_TIME = re.compile(r"\s*([+-]?\d|-?infinity|epoch)", re.I)
_BOOLEAN = re.compile(r"\s*(true|false|t|f|yes|no|y|n|1|0)\s*", re.I)


def impossible_uses(text: str, types: Mapping[str, ColumnType]) -> Iterator[tuple[str, str]]:
    """Yield what cannot work in a valid predicate over columns of these types, each with the column to blame."""
    tree = parsed(text)
    yield from _conditions(tree, types)
    for node in tree.walk():
        name = type(node).__name__
        if name in _COMPARISONS:
            yield from _compared([*node.iter_expressions()], types)
        elif name in _OF_TEXT or name in _OF_NUMBERS:
            column, found = _column(node.this, types)
            fitting = found == "string" if name in _OF_TEXT else found in NUMERIC
            if found and not fitting:
                needed = "text" if name in _OF_TEXT else "numbers"
                yield column, f"{_shown(node)} needs {needed}, and column '{column}' is {found}"


def _conditions(node: "Expr", types: Mapping[str, ColumnType]) -> Iterator[tuple[str, str]]:
    """Yield the columns that stand where something true or false must."""
    if type(node).__name__ in _JOINED:
        for part in node.iter_expressions():
            yield from _conditions(part, types)
        return
    column, found = _column(node, types)
    if found not in (None, "boolean", "integer"):  # many databases keep true and false as 1 and 0
        yield column, f"a predicate is true or false, and column '{column}' is {found}"


def _compared(parts: "list[Expr]", types: Mapping[str, ColumnType]) -> Iterator[tuple[str, str]]:
    first, *others = parts
    for other in others:
        for one, two in ((first, other), (other, first)):
            column, found = _column(one, types)
            if not found:
                continue
            second, kind = _column(two, types)
            if kind and not are_comparable(found, kind) and not _may_be_a_time(found, kind):
                yield column, f"'{column}' is {found} and '{second}' is {kind}: they cannot be compared"
                break
            if not kind and not _may_equal(found, two):
                yield column, f"column '{column}' is {found}, and cannot be compared with {_shown(two)}"


def _may_be_a_time(*types: ColumnType) -> bool:
    """Return whether one is a time and the other a text: only the rows show whether it holds times, and with a zone."""
    return "string" in types and any(type_ in TIMES for type_ in types)


def _may_equal(type_: ColumnType, node: "Expr") -> bool:
    """Return whether a value of the type can be compared with what is no column of a known type."""
    from sqlglot import expressions as e

    while isinstance(node, e.Paren | e.Neg):
        node = node.this
    if isinstance(node, e.Boolean):
        return type_ == "boolean"
    if not isinstance(node, e.Literal):
        return True
    if not node.is_string:
        return type_ in NUMERIC
    pattern = _NUMBER if type_ in NUMERIC else _TIME if type_ in TIMES else _BOOLEAN if type_ == "boolean" else None
    matches = pattern is None or (pattern.fullmatch if type_ == "boolean" else pattern.match)(node.name)
    return bool(matches)


def _column(node: "Expr", types: Mapping[str, ColumnType]) -> tuple[str, ColumnType | None]:
    """Return the name and type of a bare column of a known type."""
    from sqlglot import expressions as e

    while isinstance(node, e.Paren):
        node = node.this
    name = node.name if isinstance(node, e.Column) else ""
    return name, types.get(name)


def _shown(node: "Expr") -> str:
    return str(node.sql(dialect="duckdb", comments=False))
