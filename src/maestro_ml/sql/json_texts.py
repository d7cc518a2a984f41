"""SQL that is true of texts that are JSON (RFC 8259), by regular expressions that every engine has.

Engines' own functions do not agree: DuckDB's takes NaN and a comma too many, PostgreSQL before 16 has none.
Here strings and other scalars become one character each, then whatever stands in brackets does, from the inside out.
"""

from maestro_ml.sql.identifiers import literal

DEEPEST = 16  # levels of brackets
_LEVELS = 2  # that one replacement takes away
_STRING, _SCALAR = "\x01", "\x02"  # no JSON holds them
_STRINGS = r"""["]([^"\\\x01-\x1f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*["]"""
_SCALARS = r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null"
_BLANKS = r"[ \t\n\r]+"
_SUSPICIOUS = r"(?i)nan|inf|,\s*[\]}]"  # what DuckDB takes for JSON, and is none, holds one of these


def is_json(text: str, *, has_json_valid: bool) -> str:
    """Return SQL that is true where a text is one JSON value.

    Args:
        text: an expression; it can be repeated.
        has_json_valid: whether `json_valid` may answer first, which is faster; it refuses no JSON but odd escapes.
    """
    reduced = _reduced(text)
    exact = f"NOT regexp_matches({text}, '[\x01\x02]') AND {reduced} IN ('{_STRING}', '{_SCALAR}')"
    if not has_json_valid:
        return f"({exact})"
    quick = f"json_valid({text}) AND NOT regexp_matches({text}, {literal(_SUSPICIOUS)})"
    return f"(CASE WHEN {quick} THEN TRUE ELSE {exact} END)"


def _reduced(text: str) -> str:
    value = f"[{_STRING}{_SCALAR}]"
    for _ in range(_LEVELS):
        member = f"{_STRING}:{value}"
        brackets = rf"\[({value}(,{value})*)?\]|\{{({member}(,{member})*)?\}}"
        value = f"([{_STRING}{_SCALAR}]|{brackets})"
    steps = [(_STRINGS, _STRING), (_SCALARS, _SCALAR), (_BLANKS, ""), *[(brackets, _SCALAR)] * (DEEPEST // _LEVELS)]
    for pattern, character in steps:
        text = f"regexp_replace({text}, {literal(pattern)}, '{character}', 'g')"
    return text
