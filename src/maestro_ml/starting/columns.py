"""The columns of a table: types that hold every value, and what was counted in them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from maestro_ml.core.errors import RequestError
from maestro_ml.project import Project
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.text_values import read_as
from maestro_ml.sql.types import NUMERIC, TIMES, ColumnType, Kind, is_naive
from maestro_ml.starting.location import first_file, header_of, name_head
from maestro_ml.starting.texts import (
    LIKE_A_DATE,
    LIKE_A_TIME,
    TextKind,
    marks_among_texts,
    marks_of_nothing,
    possible_types,
)
from maestro_ml.tables import LocalTable, open_dataset

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

T = TypeVar("T")
NAME = "table"  # of the dataset while it is only looked at
_WIDE, _COPY = 300, "copy of all rows"
_AT_ONCE = 200  # columns of a query
_HEAD, _CELLS = 50, 200_000  # rows that show what a column may hold: few of a wide table
TEXTS = ("csv", "json")  # kinds of source whose fields are text
_LISTED = 20_000  # rows
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


@contextmanager
def described(source: dict[str, Any], **options: Any) -> Iterator[tuple[LocalTable, Described]]:
    """Look at every row of a table, and yield it, open, with what was found.

    Raises:
        DataError: it cannot be read.
        RequestError: it has no column.
    """
    source, types, strays, left_out = _looked_at(source)
    ambiguous: dict[str, str] = {}  # dates that can be read in several ways stay text
    while True:
        with ExitStack() as opening:
            try:
                table = opening.enter_context(open_dataset(project_of(source, types, **options), NAME))
            except RequestError as error:
                text = str(error)
                name = next((n for n, t in types.items() if t in TIMES and f"column {n}: " in text), None)
                if name is None:
                    raise
                types, ambiguous = {**types, name: "string"}, {**ambiguous, name: text.partition(f"column {name}: ")[2]}
                continue
            rows, columns = _counted(table, types, strays)
            yield table, Described(source, rows, columns, left_out, ambiguous)
            return


def _looked_at(
    source: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, ColumnType], dict[str, tuple[ColumnType, int]], dict[str, str]]:
    """Return the source, its columns' types, how many values stray from theirs, and the columns of no type."""
    is_csv = source["kind"] == "csv"
    known = header_of(source) if is_csv else []
    texts: dict[str, ColumnType] = dict.fromkeys(known or ["none"], "string")
    with open_dataset(project_of(source, texts), NAME) as table:
        if not table.types:
            raise RequestError("the table has no column")
        marks = _marks(source, table) if is_csv and "null_values" not in source else {}
        if not marks:
            return (source, *_typed(table, is_text=source["kind"] in TEXTS))
    source = source | marks
    with open_dataset(project_of(source, texts), NAME) as table:
        return (source, *_typed(table, is_text=True))


def _marks(source: dict[str, Any], table: LocalTable) -> dict[str, Any]:
    """Return the keys of a source that say which texts stand for a missing value; a quoted text is a value."""
    names, heads = _head_of(table)
    everywhere = marks_of_nothing(heads)
    quoted_ones = name_head(first_file(source["path"]))
    of_columns = {
        name: {"null_values": [*everywhere, *marks]}
        for name, texts in zip(names, heads, strict=True)
        if (marks := [m for m in marks_among_texts(texts) if m not in everywhere and f'"{m}"' not in quoted_ones])
    }
    return ({"null_values": everywhere} if everywhere else {}) | ({"columns": of_columns} if of_columns else {})


def _typed(
    table: LocalTable, *, is_text: bool
) -> tuple[dict[str, ColumnType], dict[str, tuple[ColumnType, int]], dict[str, str]]:
    kinds = {name: table.kind(name) or "other" for name in table.types}
    types, strays = _types_of_texts(table, list(kinds)) if is_text else (_plain(kinds), {})
    left_out = {name: stored for name, stored in table.types.items() if name not in types}
    if not types:
        raise RequestError(f"no column is of a type that a contract can name: {left_out}")
    return types, strays, left_out


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
    for some in parts(names):
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
    table: LocalTable, types: dict[str, ColumnType], strays: dict[str, tuple[ColumnType, int]]
) -> tuple[int, tuple[Column, ...]]:
    """Return the number of rows, and the columns with what was counted in them."""
    relation = all_rows(table)
    [(rows,)] = relation.aggregate("count(*)").fetchall()
    found: dict[str, list[Any]] = {}
    for some in parts(list(types)):
        measures = [measure for name in some for measure in _measures(quoted(name), table, name)]
        [row] = relation.aggregate(", ".join(measures)).fetchall()
        found |= {name: list(row[i * 5 : i * 5 + 5]) for i, name in enumerate(some)}
    few = [n for n, (_, about, *_) in found.items() if about <= _EXACTLY_COUNTED or about >= _NEARLY * rows]
    for some in parts(few):
        [row] = relation.aggregate(", ".join(_distinct(quoted(name), rows) for name in some)).fetchall()
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
    return int(rows), columns


def _measures(field: str, table: LocalTable, name: str) -> Iterator[str]:
    is_float = table.types[name] in ("DOUBLE", "FLOAT")
    value = f"nullif({field}, 'NaN'::{table.types[name]})" if is_float else field
    yield f"count({value})"
    yield f"approx_count_distinct({field})"
    yield f"min({value})"
    yield f"max({value})"
    yield f"avg(length({field}))" if table.kind(name) == "string" else "0"


def _distinct(field: str, rows: int) -> str:
    """Return SQL for the number of values; of few rows without a hash table for each column, which costs much more."""
    return f"coalesce(list_unique(list({field})), 0)" if rows <= _LISTED else f"count(DISTINCT {field})"


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


def parts(measured: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield as many at a time as one query measures: with many more, DuckDB plans longer than it counts."""
    for start in range(0, len(measured), _AT_ONCE):
        yield measured[start : start + _AT_ONCE]
