"""Conditions of rows as pandas and Great Expectations write them, as SQL predicates."""

import ast
import io
import re
import tokenize
from typing import Any

from maestro_ml.importers.sql import value_sql
from maestro_ml.importers.suite import NoCounterpart
from maestro_ml.sql.identifiers import quoted

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "IS DISTINCT FROM",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_WORDS = {"==": "=", "!=": "IS DISTINCT FROM", "IN": "IN", "NOT_IN": "NOT IN", "NOT IN": "NOT IN"}
_NULLITY = {"isnull": "IS NULL", "isna": "IS NULL", "is_null": "IS NULL"} | dict.fromkeys(
    ("notnull", "notna", "is_not_null"), "IS NOT NULL"
)
_BACKTICKS = re.compile(r"`([^`]+)`")
_TIMES = ("date", "Timestamp", "to_datetime", "datetime")


def condition_sql(condition: Any, parser: str | None = None) -> str | None:
    """Return a row condition as a predicate; None where there is none.

    Args:
        condition: a text in the language of `parser`, or a condition as Great Expectations 1.x stores it.

    Raises:
        NoCounterpart: it says something else than comparisons of columns with values.
    """
    if not condition:
        return None
    if isinstance(condition, dict):
        return _of_document(condition)
    if parser == "spark":
        return str(condition)
    text = _BACKTICKS.sub(lambda found: f"col({found[1]!r})", str(condition))
    try:
        tree = ast.parse(_with_words(text.strip()), mode="eval").body
    except (SyntaxError, tokenize.TokenError):
        raise _strange(str(condition)) from None
    return _sql(tree, str(condition))


def _with_words(text: str) -> str:
    """Return the text with `and` and `or` for `&` and `|`, which pandas binds as loosely."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    words = {"&": "and", "|": "or"}
    parts = ((tokenize.NAME if word in words else kind, words.get(word, word)) for kind, word, *_ in tokens)
    return tokenize.untokenize(parts).strip()


def _strange(condition: str) -> NoCounterpart:
    return NoCounterpart(f"its row condition, {condition}, is more than comparisons of columns with values")


def _sql(node: ast.expr, whole: str) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            word = " AND " if isinstance(op, ast.And) else " OR "
            return word.join(f"({_sql(value, whole)})" for value in values)
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return f"NOT ({_sql(operand, whole)})"
        case ast.Compare():
            sides = [node.left, *node.comparators]
            pairs = zip(sides, node.ops, sides[1:], strict=False)
            return " AND ".join(_compared(left, op, right, whole) for left, op, right in pairs)
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name.lower() in _NULLITY:
            return f"{_operand(value, whole)} {_NULLITY[name.lower()]}"
    raise _strange(whole)


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, whole: str) -> str:
    if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple | ast.Set):
        listed = ", ".join(_operand(value, whole) for value in right.elts)
        return f"{_operand(left, whole)} {'IN' if isinstance(op, ast.In) else 'NOT IN'} ({listed})"
    if type(op) not in _SIGNS:
        raise _strange(whole)
    return f"{_operand(left, whole)} {_SIGNS[type(op)]} {_operand(right, whole)}"


def _operand(node: ast.expr, whole: str) -> str:
    match node:
        case ast.Name(id=name):
            return quoted(name)
        case ast.Constant(value=value):
            return value_sql(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return value_sql(-number)
        case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str() as name)]):
            return quoted(name)
        case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str() as time)]) if kind in _TIMES:
            return f"TIMESTAMP {value_sql(time)}"
    raise _strange(whole)


def _of_document(condition: dict[str, Any]) -> str:
    """Return the predicate of a condition in the form Great Expectations 1.x stores."""
    match condition:
        case {"type": "and" | "or" as word, "conditions": [*parts]} if parts:
            return f" {word.upper()} ".join(f"({_of_document(part)})" for part in parts)
        case {"type": "nullity", "column": {"name": str() as name}, "is_null": bool() as is_null}:
            return f"{quoted(name)} IS {'' if is_null else 'NOT '}NULL"
        case {"type": "comparison", "column": {"name": str() as name}, "operator": str() as sign, "parameter": value}:
            word = _WORDS.get(sign.upper(), sign)
            if word in ("IN", "NOT IN"):
                return f"{quoted(name)} {word} ({', '.join(value_sql(each) for each in value)})"
            if word in ("=", "IS DISTINCT FROM", "<", "<=", ">", ">="):
                return f"{quoted(name)} {word} {value_sql(value)}"
        case {"type": "pass_through", "pass_through_filter": str() as text}:
            return text
    raise _strange(str(condition))
