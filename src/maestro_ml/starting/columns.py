"""The columns of a table: types that hold every value, and what was counted in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import RequestError
from maestro_ml.project import Project
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.text_values import read_as
from maestro_ml.sql.types import NUMERIC, TIMES, ColumnType, Kind, is_naive
from maestro_ml.starting.location import header_of
from maestro_ml.starting.texts import LIKE_A_DATE, LIKE_A_TIME, TextKind, marks_of_nothing, possible_types
from maestro_ml.tables import LocalTable, open_dataset

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

NAME = "table"  # of the dataset while it is only looked at
_WIDE, _COPY = 300, "copy of all rows"
_AT_ONCE = 200  # columns of a query
_HEAD, _CELLS = 50, 200_000  # rows that show what a column may hold: few of a wide table
_NEARLY = 0.8  # of the values: the others are mistakes
_EXACTLY_COUNTED = 2_000  # estimated distinct values up to which they are counted


@dataclass(frozen=True)
class Column:
    """A column with the type its values have, and what was counted.

    Attributes:
        naive: whether it holds times without a zone.
        strays: how many texts are not what most of them are, `meant`, and some of them.
    """

    name: str
    type: ColumnType
    rows: int
    missing: int = 0
    distinct: int = 0
    low: Any = None
    high: Any = None
    length: float = 0.0  # of texts, on average
    naive: bool = False
    stored: str = ""
    meant: ColumnType | None = None
    strays: tuple[int, tuple[str, ...]] = (0, ())

    @property
    def filled(self) -> int:
        return self.rows - self.missing

    @property
    def is_unique(self) -> bool:
        """Whether every row has another value."""
        return self.rows > 1 and not self.missing and self.distinct == self.rows

    @property
    def is_number(self) -> bool:
        return self.type in NUMERIC


@dataclass(frozen=True)
class Described:
    """A table, its columns in order, and what is left out of a contract because no type of one holds it."""

    source: dict[str, Any]
    rows: int
    columns: tuple[Column, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    ambiguous: dict[str, str] = field(default_factory=dict)  # columns of dates that can be read in several ways

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def project_of(source: dict[str, Any], columns: dict[str, ColumnType], **dataset: Any) -> Project:
    """Return a project of this one table."""
    contract = {name: {"type": type_, "required": False} for name, type_ in columns.items()}
    spec = {"source": source, "columns": contract, "extra_columns": "allow", **dataset}
    return Project.model_validate({"name": "scan", "datasets": {NAME: spec}})


def describe(source: dict[str, Any], **options: Any) -> Described:
    """Look at every row of a table.

    Raises:
        DataError: it cannot be read.
        RequestError: it has no column.
    """
    known = header_of(source) if source["kind"] == "csv" else []
    texts: dict[str, ColumnType] = dict.fromkeys(known or ["none"], "string")
    if source["kind"] == "csv" and "null_values" not in source:
        with open_dataset(project_of(source, texts), NAME) as table:
            if marks := marks_of_nothing(_head_of(table)[1]):
                source = source | {"null_values": marks}
    with open_dataset(project_of(source, texts), NAME) as table:
        names = list(table.types)
        if not names:
            raise RequestError("the table has no column")
        kinds = {name: table.kind(name) or "other" for name in names}
        types, strays = _types_of_texts(table, names) if source["kind"] == "csv" else (_plain(kinds), {})
        left_out = {name: table.types[name] for name in names if name not in types}
    if not types:
        raise RequestError(f"no column is of a type that a contract can name: {left_out}")
    return _counted_as_far_as_read(source, types, strays, left_out, options)


def _counted_as_far_as_read(
    source: dict[str, Any],
    types: dict[str, ColumnType],
    strays: dict[str, tuple[ColumnType, int]],
    left_out: dict[str, str],
    options: dict[str, Any],
) -> Described:
    """Count what is in the columns; dates that can be read in several ways stay text."""
    ambiguous: dict[str, str] = {}
    while True:
        try:
            return _counted(source, types, strays, left_out, ambiguous, options)
        except RequestError as error:
            text = str(error)
            name = next((n for n, t in types.items() if t in TIMES and f"column {n}: " in text), None)
            if name is None:
                raise
            types, ambiguous = {**types, name: "string"}, {**ambiguous, name: text.partition(f"column {name}: ")[2]}


def _plain(kinds: dict[str, Kind]) -> dict[str, ColumnType]:
    return {name: "string" if kind == "null" else kind for name, kind in kinds.items() if kind != "other"}


def _types_of_texts(
    table: LocalTable, names: Sequence[str]
) -> tuple[dict[str, ColumnType], dict[str, tuple[ColumnType, int]]]:
    """Return the narrowest type that reads every text of a column, and how many stray where nearly all are of one."""
    relation = all_rows(table)
    heads = zip(*_head_of(table), strict=True)
    candidates = {name: possible_types(texts) for name, texts in heads}
    types: dict[str, ColumnType] = {}
    strays: dict[str, tuple[ColumnType, int]] = {}
    for some in _parts(names):
        measures = [measure for name in some for measure in _readings(quoted(name), candidates[name])]
        row = iter(relation.aggregate(", ".join(measures)).fetchall()[0])
        for name in some:
            count, zeros = next(row), next(row)
            read = {kind: next(row) for kind in candidates[name]}
            whole = next((kind for kind in candidates[name] if count and read[kind] == count), None)
            if whole in NUMERIC and zeros:
                whole = "string"  # 007 is a name
            types[name] = _contract_type(whole)
            best = max(read, key=lambda kind: read[kind], default=None)
            if whole is None and best and count and read[best] >= _NEARLY * count and not zeros:
                strays[name] = (_contract_type(best), count - read[best])
    return types, strays


def _head_of(table: LocalTable) -> tuple[list[str], list[list[str | None]]]:
    """Return the columns, and the first texts of each."""
    relation = all_rows(table)
    names = list(relation.columns)
    rows = relation.limit(max(_HEAD, _CELLS // len(names))).fetchall()
    return names, [[row[index] for row in rows] for index in range(len(names))]


def _readings(text: str, kinds: Sequence[TextKind]) -> Iterator[str]:
    yield f"count({text})"
    numeric = "integer" in kinds or "number" in kinds
    yield f"count(*) FILTER (regexp_full_match({text}, '\\s*0[0-9]+\\s*'))" if numeric else "0"
    for kind in kinds:
        if kind == "day" or kind == "moment":  # noqa: PLR1714 - narrows the type
            pattern = LIKE_A_DATE if kind == "day" else LIKE_A_TIME
            yield f"count(*) FILTER (regexp_full_match({text}, '{pattern}'))"
        else:
            yield f"count({read_as(text, kind)})"


def _contract_type(kind: TextKind | None) -> ColumnType:
    match kind:
        case None:
            return "string"
        case "day":
            return "date"
        case "moment":
            return "timestamp"
    return kind


def _counted(
    source: dict[str, Any],
    types: dict[str, ColumnType],
    strays: dict[str, tuple[ColumnType, int]],
    left_out: dict[str, str],
    ambiguous: dict[str, str],
    options: dict[str, Any],
) -> Described:
    with open_dataset(project_of(source, types, **options), NAME) as table:
        relation = all_rows(table)
        [(rows,)] = relation.aggregate("count(*)").fetchall()
        found: dict[str, list[Any]] = {}
        for some in _parts(list(types)):
            measures = [measure for name in some for measure in _measures(quoted(name), table.kind(name))]
            [row] = relation.aggregate(", ".join(measures)).fetchall()
            found |= {name: list(row[i * 5 : i * 5 + 5]) for i, name in enumerate(some)}
        few = [n for n, (_, about, *_) in found.items() if about <= _EXACTLY_COUNTED or about >= _NEARLY * rows]
        for some in _parts(few):
            [row] = relation.aggregate(", ".join(f"count(DISTINCT {quoted(name)})" for name in some)).fetchall()
            for name, exact in zip(some, row, strict=True):
                found[name][1] = exact
        columns = tuple(
            Column(
                name,
                types[name],
                rows,
                rows - count,
                distinct,
                low,
                high,
                float(length or 0),
                is_naive(table.types[name]),
                table.types[name],
                *(_strays(table, name, *strays[name]) if name in strays else (None, (0, ()))),
            )
            for name, (count, distinct, low, high, length) in found.items()
        )
    return Described(source, int(rows), columns, left_out, ambiguous)


def _measures(name: str, kind: Kind | None) -> Iterator[str]:
    present = f"{name} IS NOT NULL" + (f" AND NOT isnan({name}::DOUBLE)" if kind == "number" else "")
    yield f"count(*) FILTER ({present})"
    yield f"approx_count_distinct({name})"
    yield f"min({name}) FILTER ({present})"
    yield f"max({name}) FILTER ({present})"
    yield f"avg(length({name}))" if kind == "string" else "0"


def _strays(
    table: LocalTable, name: str, meant: ColumnType, count: int
) -> tuple[ColumnType, tuple[int, tuple[str, ...]]]:
    text = quoted(name)
    odd = all_rows(table).filter(f"{text} IS NOT NULL AND {read_as(text, meant)} IS NULL")
    values = odd.aggregate(f"{text}, count(*) AS n").order("n DESC").limit(3).fetchall()
    return meant, (count, tuple(value for value, _ in values))


def all_rows(table: LocalTable) -> "DuckDBPyRelation":
    """Return all rows of a table; of a wide one a copy, because each query would plan the reading of every column."""
    if len(table.types) <= _WIDE:
        return table.rows(None)
    if (_COPY,) not in table.query("SELECT table_name FROM duckdb_tables()"):
        table.rows(None).create(_COPY)
    return table.connection.table(_COPY)


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]
