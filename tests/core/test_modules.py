"""Modules are small, and a package's `__init__` only says what it offers."""

import ast
import statistics
from pathlib import Path

import pytest

import maestro_ml

MODULES = sorted(Path(maestro_ml.__file__).parent.rglob("*.py"))
LINES = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES}


def is_declaration(statement: ast.stmt) -> bool:
    """Return whether a statement is a docstring, an import, or a constant of literals, such as `__all__`."""
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(value=value):
            return not any(isinstance(each, ast.Call) for each in ast.walk(value))
        case _:
            return False


def test_no_module_is_above_300_lines_and_half_are_below_80() -> None:
    assert {str(file): lines for file, lines in LINES.items() if lines > 300} == {}
    assert statistics.median(LINES.values()) < 80


@pytest.mark.parametrize("file", [file for file in MODULES if file.name == "__init__.py"], ids=lambda f: f.parent.name)
def test_a_package_declares_and_computes_nothing(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert [ast.unparse(each) for each in tree.body if not is_declaration(each)] == []


@pytest.mark.parametrize("code", ["x = open('a')", "def f(): ...", "for x in (): pass", "class A: ...", "print(1)"])
def test_logic_is_no_declaration(code: str) -> None:
    assert not is_declaration(ast.parse(code).body[0])
