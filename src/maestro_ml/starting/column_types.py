"""The types of a table's columns: the narrowest that read every value, and how the values are written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from maestro_ml.core.errors import RequestError
from maestro_ml.project.sources import CsvSource
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.text_values import plain_number, read_as
from maestro_ml.sql.types import NUMERIC, ColumnType, Kind
from maestro_ml.starting.csv_format import first_text, header_of
from maestro_ml.starting.location import first_file
from maestro_ml.starting.number_styles import PLAIN, Style, plain, styles_of
from maestro_ml.starting.rows import NAME, all_rows, parts, project_of
from maestro_ml.starting.texts import (
    LIKE_A_DATE,
    LIKE_A_TIME,
    TextKind,
    marks_among_texts,
    marks_of_nothing,
    possible_types,
)
from maestro_ml.tables import LocalTable, open_dataset

TEXTS = ("csv", "json")  # kinds of source whose fields are text
_HEAD, _CELLS = 50, 200_000  # rows that show what a column may hold: few of a wide table
_SOME = 0.2  # of the values: the column holds values of two types
_NAMES_OF_DIGITS = r"\s*(0[0-9]+|[0-9]{39,})\s*"  # 007, and what no whole number holds


class Types(NamedTuple):
    """The types of a table's columns.

    Attributes:
        source: with how its values are written.
        strays: what not only some texts of a column are, and how many are not.
        left_out: columns that no type of a contract holds, with the type they have.
    """

    source: dict[str, Any]
    types: dict[str, ColumnType]
    strays: dict[str, tuple[ColumnType, int]]
    left_out: dict[str, str]


def types_of(source: dict[str, Any]) -> Types:
    """Look at every value that is a text, and return the types; raises RequestError where there is no column."""
    is_csv = source["kind"] == "csv"
    folders = source.get("partitions", [])
    known = header_of(source, first_file(source["path"])) if is_csv else []
    texts: dict[str, ColumnType] = dict.fromkeys([*known, *folders] or ["none"], "string")
    with open_dataset(project_of(source, texts), NAME) as table:
        if not table.types:
            raise RequestError("the table has no column")
        if not is_csv:
            return _read(source, table, {})
        written = _written(source, table)
        if written == source:
            return _read(source, table, {})
    with open_dataset(project_of(written, texts), NAME) as table:
        spec = CsvSource.model_validate(written)
        return _read(written, table, {name: spec.number_style(name) for name in table.types})


def _written(source: dict[str, Any], table: LocalTable) -> dict[str, Any]:
    """Return a CSV source with how its numbers are written, and which texts stand for a missing value."""
    heads = dict(zip(*_head_of(table), strict=True))
    numbers = styles_of(heads, source.get("delimiter", ","))
    source = {**source, **numbers}
    if "null_values" not in source:
        spec = CsvSource.model_validate(source)
        plain_heads = {n: [plain(t, spec.number_style(n)) for t in texts] for n, texts in heads.items()}
        marks = _marks(source, plain_heads)
        of_columns = {
            name: {**numbers.get("columns", {}).get(name, {}), **own} for name, own in marks.pop("columns").items()
        }
        columns = numbers.get("columns", {}) | of_columns
        source = source | marks | ({"columns": columns} if columns else {})
    return source


def _marks(source: dict[str, Any], heads: Mapping[str, Sequence[str | None]]) -> dict[str, Any]:
    """Return the keys of a source that say which texts stand for a missing value; a quoted text is a value."""
    everywhere = marks_of_nothing(list(heads.values()))
    quoted_ones = first_text(first_file(source["path"]), source.get("encoding"))
    of_columns = {
        name: {"null_values": [*everywhere, *marks]}
        for name, texts in heads.items()
        if (marks := [m for m in marks_among_texts(texts) if m not in everywhere and f'"{m}"' not in quoted_ones])
    }
    return ({"null_values": everywhere} if everywhere else {}) | {"columns": of_columns}


def _read(source: dict[str, Any], table: LocalTable, styles: Mapping[str, Style]) -> Types:
    kinds = {name: table.kind(name) or "other" for name in table.types}
    named = list(kinds) if source["kind"] in TEXTS else [n for n in kinds if n in source.get("partitions", [])]
    types, strays = _types_of_texts(table, named, styles)
    types = ({} if source["kind"] in TEXTS else _plain(kinds)) | types
    left_out = {name: stored for name, stored in table.types.items() if name not in types}
    if not types:
        raise RequestError(f"no column is of a type that a contract can name: {left_out}")
    return Types(source, types, strays, left_out)


def _plain(kinds: dict[str, Kind]) -> dict[str, ColumnType]:
    return {name: "string" if kind == "null" else kind for name, kind in kinds.items() if kind != "other"}


def _types_of_texts(
    table: LocalTable, names: Sequence[str], styles: Mapping[str, Style]
) -> tuple[dict[str, ColumnType], dict[str, tuple[ColumnType, int]]]:
    """Return the narrowest type that reads every text of a column, and how many stray where others are of one.

    Letters such as `f`, `n` and `t` are read as booleans, and so do not make a column of letters one of two types.
    """
    relation = all_rows(table)
    heads = dict(zip(*_head_of(table), strict=True)) if names else {}
    candidates = {n: possible_types([plain(text, styles.get(n, PLAIN)) for text in heads[n]], _SOME) for n in names}
    types: dict[str, ColumnType] = {}
    strays: dict[str, tuple[ColumnType, int]] = {}
    for some in parts(names):
        measures = [m for name in some for m in _readings(name, candidates[name], styles.get(name, PLAIN))]
        row = iter(relation.aggregate(", ".join(measures)).fetchall()[0])
        for name in some:
            count, names_of_digits = next(row), next(row)
            read = {kind: next(row) for kind in candidates[name]}
            whole = next((kind for kind in candidates[name] if count and read[kind] == count), None)
            if whole in NUMERIC and names_of_digits:
                whole = "string"
            types[name] = _contract_type(whole)
            best = max((kind for kind in read if kind != "boolean"), key=lambda kind: read[kind], default=None)
            if whole is None and best and count and read[best] >= _SOME * count and not names_of_digits:
                strays[name] = (_contract_type(best), count - read[best])
    return types, strays


def _head_of(table: LocalTable) -> tuple[list[str], list[list[str | None]]]:
    """Return the columns, and the first texts of each."""
    relation = all_rows(table)
    names = list(relation.columns)
    rows = relation.limit(max(_HEAD, _CELLS // len(names))).fetchall()
    return names, [[row[index] for row in rows] for index in range(len(names))]


def _readings(name: str, kinds: Sequence[TextKind], style: Style) -> Iterator[str]:
    """Yield SQL that counts the texts of a column, those whose digits are a name, and those of each kind."""
    text = quoted(name)
    yield f"count({text})"
    numeric = "integer" in kinds or "number" in kinds
    yield _number_of(f"regexp_full_match({text}, '{_NAMES_OF_DIGITS}')") if numeric else "0"
    for kind in kinds:
        if kind == "day" or kind == "moment":  # noqa: PLR1714 - narrows the type
            pattern = LIKE_A_DATE if kind == "day" else LIKE_A_TIME
            yield _number_of(f"regexp_full_match({text}, '{pattern}')")
        else:
            yield f"count({read_in(text, kind, style)})"


def _number_of(condition: str) -> str:
    """Return SQL that counts rows; many aggregates with a FILTER take DuckDB a time that grows with their square."""
    return f"count(CASE WHEN {condition} THEN 1 END)"


def read_in(text: str, kind: ColumnType, style: Style) -> str:
    """Return SQL that is null where a text, whose numbers are written in a style, is no value of the type."""
    return read_as(plain_number(text, *style) if kind in NUMERIC else text, kind)


def _contract_type(kind: TextKind | None) -> ColumnType:
    match kind:
        case None:
            return "string"
        case "day":
            return "date"
        case "moment":
            return "timestamp"
    return kind
