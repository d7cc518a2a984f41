"""Which tests speak of what stands around a mistake."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

_AROUND = 6  # lines before and after
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{4,}")


def words_around(file: Path, number: int) -> set[str]:
    """Return the words of a few lines, comments left out, and those of the file's name."""
    lines = file.read_text().splitlines()[max(0, number - _AROUND) : number + _AROUND + 1]
    code = " ".join(line.split("# ")[0] for line in lines)
    return {word.lower() for word in _WORD.findall(f"{code} {file.stem.replace('-', ' ')}")}


@cache
def _text(path: Path) -> str:
    return path.read_text().lower()


def count(path: Path, words: set[str]) -> int:
    """Return how many of the words a file of tests has."""
    return sum(word in _text(path) for word in words)


def closest(tree: Path, words: set[str], tests: list[str]) -> list[str]:
    """Return the tests in the order of how many rare words they share with the place of the mistake."""
    texts = {test: frozenset(_words_of(tree, test)) for test in tests}
    frequency = Counter(word for text in texts.values() for word in text)
    return sorted(tests, key=lambda test: -sum(1 / frequency[word] for word in words & texts[test]))


@cache
def _words_of(tree: Path, test: str) -> set[str]:
    path, _, rest = test.partition("::")
    name, _, parameters = rest.partition("[")
    text = f"{_functions(tree / path).get(name, '')} {parameters}"
    return {word.lower() for word in _WORD.findall(f"{text} {Path(path).stem.replace('_', ' ')}")}


@cache
def _functions(path: Path) -> dict[str, str]:
    text = path.read_text()
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }
