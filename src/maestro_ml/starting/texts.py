"""What texts may be: the kinds of value that a few of them suggest, so that only these are tried on all."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from maestro_ml.sql.types import ColumnType

# `day` and `moment` are dates and times that are not written as in ISO 8601.
TextKind = ColumnType | Literal["day", "moment"]
LIKE_A_DATE = r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\s*"
LIKE_A_TIME = r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}[ T]+\d{1,2}:\d\d.*"
_PATTERNS: dict[TextKind, str] = {
    "integer": r"\s*[+-]?\d+\s*",
    "number": r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*|\s*[+-]?(nan|inf|infinity)\s*",
    "date": r"\s*\d{4}-\d\d-\d\d\s*",
    "timestamp": r"\s*\d{4}-\d\d-\d\d[ Tt]?.*",
    "boolean": r"\s*(true|t|yes|y|1|false|f|no|n|0)\s*",
    "day": LIKE_A_DATE,
    "moment": LIKE_A_TIME,
}
_COMPILED = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _PATTERNS.items()}
_HALF = 0.5
_NOTHING = frozenset({"na", "n/a", "#n/a", "null", "none", "nil", "?", "-", "--", ".", "missing", "unknown"})

_NOTHING_AT_ALL = frozenset({"na", "n/a", "#n/a", "null", "?"})  # the others can be a value of a text
_MOST_OTHERS = 20


def marks_of_nothing(columns: Sequence[Sequence[str | None]]) -> list[str]:
    """Return the texts, such as NA, that stand for a missing value among numbers or times."""
    found = set()
    for texts in columns:
        marks = {text for text in texts if text is not None and text.strip().lower() in _NOTHING}
        others = [text for text in texts if text is not None and text not in marks]
        if marks and others and set(possible_types(others)) - {"boolean"}:
            found |= marks
    return sorted(found)


def marks_among_texts(texts: Sequence[str | None]) -> list[str]:
    """Return the texts, such as NA, that stand for a missing value among a few others that repeat.

    Among other pairs of capital letters NA is one of them: a continent, a country.
    """
    there = [text for text in texts if text is not None]
    marks = {text for text in there if text.strip().lower() in _NOTHING_AT_ALL}
    others = [text for text in there if text not in marks]
    few = set(others)
    if not marks or not others or len(few) > _MOST_OTHERS or len(few) == len(others):
        return []
    return sorted(mark for mark in marks if not (_is_code(mark) and all(map(_is_code, few))))


def _is_code(text: str) -> bool:
    return len(text.strip()) == len("NA") and text.isalpha() and text.isupper()


def possible_types(texts: Iterable[str | None], least: float = _HALF) -> tuple[TextKind, ...]:
    """Return the kinds that at least such a share of the texts is of, the narrowest first; all where there is none."""
    there = [text for text in texts if text is not None]
    return tuple(
        kind
        for kind, pattern in _COMPILED.items()
        if sum(pattern.fullmatch(text) is not None for text in there) >= least * len(there)
    )
