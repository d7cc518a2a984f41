"""The columns of a table: types that hold every value, and what was counted in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.project import Project
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.text_values import read_as
from maestro_ml.sql.types import NUMERIC, TIMES, ColumnType, Kind, is_naive
from maestro_ml.starting.location import header_of
from maestro_ml.tables import LocalTable, open_dataset

NAME = "table"  # of the dataset while it is only looked at
_TYPES: tuple[ColumnType, ...] = ("integer", "number", "date", "timestamp", "boolean")
_AT_ONCE = 200  # columns of a query
_LIKE_A_DATE = r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\s*"
_LIKE_A_TIME = r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}[ T]+\d{1,2}:\d\d.*"
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
    with open_dataset(project_of(source, dict.fromkeys(known or ["none"], "string")), NAME) as table:
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
    types: dict[str, ColumnType] = {}
    strays: dict[str, tuple[ColumnType, int]] = {}
    for some in _parts(names):
        measures = [measure for name in some for measure in _readings(quoted(name))]
        [row] = table.rows(None).aggregate(", ".join(measures)).fetchall()
        width = len(row) // len(some)
        for index, name in enumerate(some):
            count, zeros, dates, times, *read = row[index * width : (index + 1) * width]
            by_type: dict[ColumnType, int] = dict(zip(_TYPES, read, strict=True))
            whole = next((type_ for type_ in _TYPES if count and by_type[type_] == count), None)
            if whole in NUMERIC and zeros:
                whole = "string"  # 007 is a name
            elif whole is None and count and dates + times == count:
                whole = "timestamp" if times else "date"
            types[name] = whole or "string"
            best = max(_TYPES, key=lambda type_: by_type[type_])
            if whole is None and count and by_type[best] >= _NEARLY * count and not zeros:
                strays[name] = (best, count - by_type[best])
    return types, strays


def _readings(text: str) -> Iterator[str]:
    yield f"count({text})"
    yield f"count(*) FILTER (regexp_full_match({text}, '\\s*0[0-9]+\\s*'))"
    for like in (_LIKE_A_DATE, _LIKE_A_TIME):
        yield f"count(*) FILTER (regexp_full_match({text}, '{like}'))"
    for type_ in _TYPES:
        yield f"count({read_as(text, type_)})"


def _counted(
    source: dict[str, Any],
    types: dict[str, ColumnType],
    strays: dict[str, tuple[ColumnType, int]],
    left_out: dict[str, str],
    ambiguous: dict[str, str],
    options: dict[str, Any],
) -> Described:
    with open_dataset(project_of(source, types, **options), NAME) as table:
        relation = table.rows(None)
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
    odd = table.rows(None).filter(f"{text} IS NOT NULL AND {read_as(text, meant)} IS NULL")
    values = odd.aggregate(f"{text}, count(*) AS n").order("n DESC").limit(3).fetchall()
    return meant, (count, tuple(value for value, _ in values))


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]
