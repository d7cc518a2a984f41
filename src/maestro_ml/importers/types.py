"""Names of types in databases, pandas, Arrow and Spark, as types of a contract."""

import re

from maestro_ml.sql.types import ColumnType

_WORDS: dict[ColumnType, str] = {
    "integer": r"u?int\d*|u?integer(type)?|(tiny|small|medium|big|huge|long)int|int[248]|long(type)?|short(type)?"
    r"|byte(type)?|byteint|(small|big)?serial|int64type|int_|smallinteger|biginteger",
    "number": r"float\d*|float_|float(type)?|double( ?precision)?(type)?|real|numeric|decimal(type)?|number|bignumeric"
    r"|money|dec",
    "string": r"str|string(type)?|string_|n?varchar2?|n?char|text|tinytext|mediumtext|longtext|unicode"
    r"|character( varying)?|varchar\(max\)|large_string|uuid|enum|category|bpchar|citext",
    "boolean": r"bool(ean)?(type)?|bool_|bit",
    "date": r"date(type)?|date32|date64",
    "timestamp": r"timestamp(_?(ntz|ltz|tz|s|ms|us|ns)|type|ntztype)?|datetime2?|datetimeoffset|datetime64"
    r"|smalldatetime|datetime64\[\w+(, ?[\w/+:]+)?\]|timestamp with(out)? time zone|timestamptz",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _WORDS.items()}


def contract_type(name: str) -> ColumnType | None:
    """Return a contract's type for the name of another tool's; None if there is none."""
    plain = name.strip().lower()
    plain = re.sub(r"\s*\([\d,\s]*\)", "", plain) if not plain.startswith("datetime64") else plain
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(plain)), None)
