"""The one shape that texts have: codes, identifiers and dates have one, words and sentences have none."""

import re
from collections.abc import Iterable, Sequence
from os.path import commonprefix

LONGEST = 100  # characters; PostgreSQL repeats no more than 255 times
_PRINTABLE = re.compile(r"[ -~]+")
_PARTS = re.compile(r"[0-9A-Za-z]+|[^0-9A-Za-z]")
_RUNS = re.compile(r"[0-9]+|[A-Z]+|[a-z]+")
_SPECIAL = frozenset(r"\.^$*+?{}[]|()")
# From narrow to wide. Some may differ in length: numbers grow, and codes have a letter more or less.
_DIGITS = r"\d"
_CLASSES = (_DIGITS, "[A-Z]", "[a-z]", "[0-9A-F]", "[0-9a-f]", "[0-9A-Z]", "[0-9a-z]", "[A-Za-z]", "[0-9A-Za-z]")
_OF_ANY_LENGTH = frozenset({_DIGITS})
_OF_LENGTHS_ALIKE = frozenset({"[A-Z]", "[0-9A-F]", "[0-9A-Z]"})
_ALIKE = 2


def shape_of(values: Iterable[str]) -> str | None:
    """Find a pattern (RE2, alike in every engine) that matches all the texts from end to end; None if none is evident.

    Evident is: the same signs at the same places, and between them digits, or letters and digits of a fixed number
    (of capitals, numbers that differ by two at most).
    """
    texts = list(values)
    if not all(_PRINTABLE.fullmatch(text) and len(text) <= LONGEST for text in texts):
        return None
    rows = [_PARTS.findall(text) for text in texts]
    if len({tuple(part if not part.isalnum() else "" for part in row) for row in rows}) > 1:
        return None
    patterns = [_part(column) for column in zip(*rows, strict=True)]
    varied = any(len(set(column)) > 1 for column in zip(*rows, strict=True))
    return "".join(p for p in patterns if p) if varied and all(patterns) else None


def _part(texts: Sequence[str]) -> str | None:
    """Return the pattern of what stands between two signs in each of the texts, or of the sign itself."""
    if not texts[0].isalnum():
        return f"\\{texts[0]}" if texts[0] in _SPECIAL else texts[0]
    rows = [_RUNS.findall(text) for text in texts]
    kinds = {tuple(_narrowest(run) for run in row) for row in rows}
    if len(kinds) > 1:
        return _mixed(texts)
    patterns = [_run(column) for column in zip(*rows, strict=True)]
    return "".join(p for p in patterns if p) if all(patterns) else None


def _run(texts: Sequence[str]) -> str | None:
    if len(set(texts)) == 1 and texts[0].isalpha():
        return texts[0]
    return _repeated(_narrowest(*texts), [len(text) for text in texts])


def _mixed(texts: Sequence[str]) -> str | None:
    """Match letters and digits in no fixed order, after the letters that all begin with."""
    shortest = min(map(len, texts))
    shared = commonprefix(list(texts))  # noqa: RUF071 - by character is what is wanted
    [prefix] = re.findall(r"^[A-Za-z]*", shared[: shortest - 1])
    rest = [text[len(prefix) :] for text in texts]
    pattern = _repeated(_narrowest(*rest), [len(text) for text in rest])
    return prefix + pattern if pattern else None


def _narrowest(*texts: str) -> str:
    together = "".join(set("".join(texts)))
    return next(kind for kind in _CLASSES if re.fullmatch(f"{kind}+", together, re.ASCII))


def _repeated(kind: str, lengths: Sequence[int]) -> str | None:
    low, high = min(lengths), max(lengths)
    if low == high:
        return kind if low == 1 else f"{kind}{{{low}}}"
    if kind in _OF_ANY_LENGTH:
        return f"{kind}+"
    return f"{kind}{{{low},{high}}}" if kind in _OF_LENGTHS_ALIKE and high - low <= _ALIKE else None
