"""Text as values of the contract's types: SQL that reads a text in one way, and is null where it cannot.

DuckDB's own casts are generous: they round 1.5 to 2, read 1_000 and 0x1F, and drop the zone of a time.
"""

import re

from maestro_ml.sql.identifiers import literal
from maestro_ml.sql.types import ColumnType

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"[ Tt]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?"
_OFFSET = r"[+-](0\d|1[0-5])(:?[0-5]\d)?"  # DuckDB reads +25:00 too
_ZONE = rf"( ?([Zz]|UTC|GMT|{_OFFSET})| [A-Za-z_]+/[A-Za-z_/+-]+)"


def plain_number(text: str, decimal: str, thousands: str) -> str:
    """Return SQL for the text of a number as SQL writes it; null where it is none, but for words such as `inf`."""
    if decimal == "." and not thousands:
        return text
    point, between = re.escape(decimal), re.escape(thousands)
    digits = rf"([0-9]{{1,3}}({between}[0-9]{{3}})+|[0-9]*)" if thousands else "[0-9]*"
    plain = f"replace({text}, {literal(thousands)}, '')" if thousands else text
    plain = f"replace({plain}, {literal(decimal)}, '.')"
    is_number = _is(text, rf"[+-]?{digits}({point}[0-9]*)?([eE][+-]?[0-9]+)?")
    return f"CASE WHEN {is_number} THEN {plain} WHEN {_is(text, '[+-]?[A-Za-z]+')} THEN {text} END"


def whole(text: str, stored: str) -> str:
    """Return SQL for a whole number: digits, with or without a sign."""
    return f"CASE WHEN {_is(text, '[+-]?[0-9]+')} THEN TRY_CAST({text} AS {stored}) END"


def number(text: str) -> str:
    """Return SQL for a double; what is too large for one is none."""
    read = f"TRY_CAST({text} AS DOUBLE)"
    too_large = f"isinf({read}) AND regexp_matches({text}, '[0-9]')"
    return f"CASE WHEN contains({text}, '_') OR {too_large} THEN NULL ELSE {read} END"


def exact_double(text: str) -> str:
    """Return SQL for a double that no whole number is rounded to."""
    read = number(text)
    return f"CASE WHEN abs({read}) < 9007199254740992 OR NOT isfinite({read}) THEN {read} END"


def boolean(text: str) -> str:
    """Return SQL for true, t, yes, y, 1 and false, f, no, n, 0, in any case of letters."""
    return f"TRY_CAST(trim({text}) AS BOOLEAN)"


def iso_date(text: str) -> str:
    """Return SQL for a date as in ISO 8601."""
    return f"CASE WHEN {_is(text, _DATE)} THEN TRY_CAST({text} AS DATE) END"


def iso_naive(text: str, stored: str = "TIMESTAMP") -> str:
    """Return SQL for a date, or a date and time without a zone, as in ISO 8601."""
    return f"CASE WHEN {_is(text, f'{_DATE}({_TIME})?')} THEN {converted(text, stored)} END"


def iso_zoned(text: str, stored: str = "TIMESTAMPTZ") -> str:
    """Return SQL for a date and time with a zone, as in ISO 8601, or with the name of its zone."""
    return f"CASE WHEN {_is(text, f'{_DATE}{_TIME}{_ZONE}')} THEN {converted(text, stored)} END"


def is_finer(text: str) -> str:
    """Return SQL that is true where a time has digits beyond microseconds."""
    return f"(strlen({text}) > 26 AND regexp_matches({text}, '[.,][0-9]{{6}}0*[1-9]'))"


def read_as(text: str, type_: ColumnType) -> str:
    """Return SQL that is null where a text is no value of the type."""
    match type_:
        case "string":
            return text
        case "integer":
            return whole(text, "HUGEINT")
        case "number":
            return number(text)
        case "boolean":
            return boolean(text)
        case "date":
            return iso_date(text)
        case "timestamp":
            return f"coalesce({iso_zoned(text)}, {iso_naive(text)}::TIMESTAMPTZ)"


def _is(text: str, pattern: str) -> str:
    between_blanks = rf"\s*{pattern}\s*"
    return f"regexp_full_match({text}, {literal(between_blanks)})"


def converted(text: str, stored: str) -> str:
    """Return SQL for a time whose spelling is known to be ISO 8601."""
    # DuckDB knows capital letters and the point only, a blank before the name of a zone only, and before UTC too.
    plain = f"replace(replace(replace(upper(trim({text})), ',', '.'), ' +', '+'), ' -', '-')"
    plain = rf"regexp_replace({plain}, ' ?(Z|UTC|GMT)$', 'Z')"
    return f"coalesce(TRY_CAST({text} AS {stored}), TRY_CAST({plain} AS {stored}))"
