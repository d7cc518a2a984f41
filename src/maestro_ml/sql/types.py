"""DuckDB's types in the contract's words."""

from typing import Literal

ColumnType = Literal["string", "integer", "number", "boolean", "timestamp", "date"]
NUMERIC: tuple[ColumnType, ...] = ("integer", "number")
CATEGORICAL: tuple[ColumnType, ...] = ("string", "boolean")
TIMES: tuple[ColumnType, ...] = ("timestamp", "date")


def in_words(types: tuple[ColumnType, ...]) -> str:
    """Return the types as a person reads them, such as `numbers or text`."""
    words = {"number": "numbers", "integer": "numbers", "string": "text", "boolean": "booleans"}
    named = list(dict.fromkeys(words.get(name, f"{name}s") for name in types))
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


# `null`: no value shows the type (an empty table, a column of nulls only); `other`: none of the contract's.
Kind = ColumnType | Literal["null", "other"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), "number"),
    **dict.fromkeys(("VARCHAR", "ENUM", "UUID"), "string"),
    **dict.fromkeys(("BOOLEAN",), "boolean"),
    **dict.fromkeys(("DATE",), "date"),
    **dict.fromkeys(("NULL",), "null"),
}
_LOSSLESS: frozenset[tuple[Kind, ColumnType]] = frozenset({("integer", "number"), ("date", "timestamp")})

# What a contract's type is in DuckDB where a source has no types of its own.
STORED_AS: dict[ColumnType, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
}


def kind_of(duckdb_type: str) -> Kind:
    """Return the contract's word for a type as DuckDB prints it, such as `DECIMAL(10,2)` or `TIMESTAMPTZ_NS`."""
    base = duckdb_type.strip('"').partition("(")[0]
    if duckdb_type.endswith("]"):
        return "other"
    return "timestamp" if base.startswith("TIMESTAMP") else _KINDS.get(base, "other")


def column_type(duckdb_type: str) -> ColumnType | None:
    """Return the contract's type for a type as DuckDB prints it; None if the contract has none."""
    match kind_of(duckdb_type):
        case "null" | "other":
            return None
        case kind:
            return kind


def is_naive(duckdb_type: str) -> bool:
    """Return whether the type is a timestamp that does not know its timezone."""
    aware = duckdb_type.startswith("TIMESTAMPTZ") or "TIME ZONE" in duckdb_type
    return kind_of(duckdb_type) == "timestamp" and not aware


def are_comparable(first: ColumnType, second: ColumnType) -> bool:
    """Return whether values of the two types can be compared."""
    return first == second or any({first, second} <= set(alike) for alike in (NUMERIC, TIMES))


def fits(found: Kind, contract: ColumnType) -> bool:
    """Return whether every value of a column of this kind is a value of the contract's type."""
    return found in (contract, "null") or (found, contract) in _LOSSLESS
