"""The mistakes: each a replacement of a few characters of a module's source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
_SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_ORDERLESS = {"max", "min", "fmax", "fmin", "maximum", "minimum", "isclose"}  # functions of two in any order
_LARGEST = 10_000  # integers above are sizes and limits of memory, at which nothing is decided
_NAME = re.compile(r"[A-Za-z_][\w.:/-]*")  # of a key, a label or a word that is compared; messages have spaces


@dataclass(frozen=True)
class Mistake:
    """What stands between two offsets of the source, and what takes its place."""

    kind: str
    start: int
    end: int
    replacement: str


def mistakes(source: str) -> Iterator[Mistake]:
    """Yield every mistake of every kind that leaves the module valid Python."""
    lines = [0]
    for line in source.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    data = source.encode()

    def span(node: ast.AST) -> tuple[int, int]:
        return lines[node.lineno - 1] + node.col_offset, lines[node.end_lineno - 1] + node.end_col_offset

    tree = ast.parse(source)
    ignored = {id(inner) for node in ast.walk(tree) for part in _without_effect(node) for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        for kind, start, end, text in _of_node(node, span, data):
            changed = data[:start] + text.encode() + data[end:]
            try:
                compile(changed, "mutant", "exec")
            except SyntaxError:
                continue
            yield Mistake(kind, start, end, text)


def applied(source: str, mistake: Mistake) -> str:
    """Return the source with the mistake."""
    data = source.encode()
    return (data[: mistake.start] + mistake.replacement.encode() + data[mistake.end :]).decode()


def extent(source: str, mistake: Mistake) -> tuple[int, int]:
    """Return the first and the last line of a mistake."""
    first, last = (source.encode()[:offset].count(b"\n") + 1 for offset in (mistake.start, mistake.end))
    return first, last


def _without_effect(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts that decide nothing: annotations, texts of errors and messages, guards against our mistakes.

    `frozen=` is such a guard; tests/core/test_immutable.py holds all classes to it at once.
    """
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
        yield node.annotation
    if isinstance(node, ast.FunctionDef) and node.returns:
        yield node.returns
    if isinstance(node, ast.JoinedStr | ast.Raise) or (
        isinstance(node, ast.keyword) and node.arg in ("strict", "frozen")
    ):
        yield node
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        yield node


def _of_node(node, span, data) -> Iterator[tuple[str, int, int, str]]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            yield "comparison", span(left)[1], span(right)[0], f" {_COMPARISONS[type(op)]} "
        case ast.BoolOp(op=op, values=values):
            word = " or " if isinstance(op, ast.And) else " and "
            yield "and/or", span(values[0])[1], span(values[1])[0], word
            yield "term", span(values[0])[0], span(values[1])[0], ""
            for before, value in pairwise(values):
                yield "term", span(before)[1], span(value)[1], ""
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            yield "arithmetic", span(left)[1], span(right)[0], f" {_ARITHMETIC[type(op)]} "
            yield "term", span(left)[1], span(right)[1], ""
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            start, end = span(operand)
            yield "not", *span(node), data[start:end].decode()
        case ast.Constant(value=bool() as value):
            yield "boolean", *span(node), str(not value)
        case ast.Constant(value=int() as value) if value <= _LARGEST:
            yield "number", *span(node), str(value + 1)
        case ast.Call():
            yield from _of_call(node, span, data)
        case ast.Expr(value=ast.Call()):
            yield "statement", *span(node), "pass"
        case ast.Constant(value=str() as value) if _NAME.fullmatch(value):
            yield "name", span(node)[1] - 1, span(node)[1] - 1, "x"
        case ast.If() | ast.IfExp():
            yield "condition", *span(node.test), "True"
            yield "condition", *span(node.test), "False"
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return", *span(value), "None"


def _of_call(node, span, data):
    """Yield the opposite function, a forgotten argument, and two in the wrong order."""
    if isinstance(node.func, ast.Name) and node.func.id in _SWAPPED_CALLS:
        yield "call", *span(node.func), _SWAPPED_CALLS[node.func.id]
    for keyword in node.keywords:
        if keyword.arg and keyword.arg not in ("strict", "frozen"):
            start, end = span(keyword)
            comma = re.match(rb"\s*,\s*", data[end:])
            yield "argument", start, end + (comma.end() if comma else 0), ""
    first, second = (*node.args[:2], None, None)[:2]
    name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
    if name in _ORDERLESS:
        return
    if first and second and not any(isinstance(each, ast.Starred) for each in (first, second)):
        (start, between), (after, end) = span(first), span(second)
        yield "swapped", start, end, (data[after:end] + data[between:after] + data[start:between]).decode()
