"""Times that a source keeps as text or as numbers, read as the contract's `format` or `unit` says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from maestro_ml.sql.identifiers import quoted, view_name
from maestro_ml.sql.types import kind_of
from maestro_ml.tables.sources.csv.columns import TextTable
from maestro_ml.tables.sources.typed_text import TypedText

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project.datasets import Column, Dataset

_US = {"s": 1_000_000, "ms": 1_000, "us": 1}
_NUMBER = "DECIMAL(38, 9)"


@dataclass(frozen=True)
class NoFormats:
    """The formats of a source that has none of its own."""

    date_format: None = None
    timestamp_format: None = None

    def number_style(self, column: str) -> tuple[str, str]:  # noqa: ARG002
        return ".", ""


def read_declared_times(
    connection: "DuckDBPyConnection", relation: "DuckDBPyRelation", dataset: "Dataset", place: str
) -> "tuple[DuckDBPyRelation, dict[str, TypedText]]":
    """Return the table with the times whose column declares how they are written, and how each was read.

    A column with a value that cannot be read stays as it is.

    Raises:
        RequestError: only some of a column's values carry a zone, and the dataset has no `timezone`.
    """
    stored = dict(zip(relation.columns, map(str, relation.types), strict=True))
    dataset = dataset.expanded(stored)
    declared = {n: c for n, c in dataset.columns.items() if n in stored and (c.format or c.unit)}
    declared = {name: c for name, c in declared.items() if kind_of(stored[name]) not in ("timestamp", "date", "null")}
    if not declared:
        return relation, {}
    view = view_name(place, "as stored", *declared)
    relation.create_view(view)
    personal = any(column.pii for column in dataset.columns.values())
    text = {name: quoted(name) if stored[name] == "VARCHAR" else f"{quoted(name)}::VARCHAR" for name in declared}
    fields = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in text.items())
    texts = TextTable(
        connection,
        f"(SELECT {fields} FROM {quoted(view)})",  # noqa: S608
        place,
        NoFormats(),
        dataset.timezone,
        personal,
    )
    read = texts.typed({name: column for name, column in declared.items() if column.format})
    for name, column in declared.items():
        if column.unit:
            read[name] = _by_unit(texts, name, column, column.unit)
    converted = {name: each for name, each in read.items() if each.stored != "VARCHAR"}
    columns = [
        f"{_of(converted[name], name, text[name])} AS {quoted(name)}" if name in converted else quoted(name)
        for name in relation.columns
    ]
    return connection.sql(f"SELECT {', '.join(columns)} FROM {quoted(view)}"), read  # noqa: S608


def _of(reading: TypedText, name: str, text: str) -> str:
    """Return SQL for a value out of the stored column: the reading's SQL is about a text of the same name."""
    return reading.sql if text == quoted(name) else reading.sql.replace(quoted(name), f"({text})")


def _by_unit(texts: TextTable, name: str, column: "Column", unit: str) -> TypedText:
    stored, sql = _value(f"TRY_CAST({quoted(name)} AS {_NUMBER})", unit)
    if column.type == "date" and stored != "DATE":
        stored, sql = "DATE", f"{sql}::DATE"
    present, found = texts.values([f"count({quoted(name)})", f"count({sql})"])
    if present == found:
        return TypedText(stored, sql, format=f"unit {unit}")
    return TypedText("VARCHAR", quoted(name), sql, f"unit {unit}")


def _value(number: str, unit: str) -> tuple[str, str]:
    """Return the type of a time, and SQL for it out of a number; null where the number is no such time."""
    whole = f"CASE WHEN {number} = floor({number}) THEN {number}::BIGINT END"
    match unit:
        case "year":
            return "DATE", f"TRY(CASE WHEN {number} BETWEEN 1 AND 9999 THEN make_date(({whole})::INTEGER, 1, 1) END)"
        case "days":
            return "DATE", f"TRY(DATE '1970-01-01' + ({whole})::INTEGER)"
        case "ns":
            return "TIMESTAMPTZ_NS", f"TRY(make_timestamp_ns({whole})::TIMESTAMPTZ_NS)"
        case _:
            return "TIMESTAMPTZ", f"TRY(make_timestamptz(floor({number} * {_US[unit]})::BIGINT))"
