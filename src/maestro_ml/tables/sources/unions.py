"""Files that have a column in different types: one type for all of them, in which every value is what it was.

DuckDB would read times without a zone as UTC beside those with one, or leave the zone out beside nanoseconds, and make
whole numbers beside single-precision ones single-precision.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.instants import TimeSql
from maestro_ml.sql.types import is_naive, kind_of
from maestro_ml.tables.sources.file_names import short, unpatterned
from maestro_ml.tables.sources.schema import Columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Read = Callable[[Sequence[str]], str]  # SQL for the rows of some files
_FLOATS = ("FLOAT", "DOUBLE")
_WIDE = ("BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT")
_EXACT_DIGITS = 15  # decimal digits that a double holds


class SameLayout(NamedTuple):
    """Files with the same columns."""

    columns: Columns
    files: tuple[str, ...]


class Mixed(NamedTuple):
    """A column, the types it has in the files, and the one it is read in."""

    name: str
    types: frozenset[str]
    target: str


def mixed(connection: "DuckDBPyConnection", layouts: Sequence[SameLayout], read: Read) -> list[Mixed]:
    """Return the columns for which DuckDB would not choose the right type."""
    found = []
    for name, types in _types(layouts).items():
        target = _target(types) if len(types) > 1 else None
        if target and target.endswith("_NS"):
            coarse = [file for file, stored in _files(layouts, name) if not stored.endswith("_NS")]
            if coarse and not _countable(connection, name, read(coarse)):
                target = target.removesuffix("_NS")  # a finding reports whether that cuts any
        if target:
            found.append(Mixed(name, frozenset(types), target))
    return found


def selects(layouts: Sequence[SameLayout], columns: Sequence[Mixed], zone: str, read: Read) -> Iterator[str]:
    """Yield queries for all rows, one for the files that have the columns in the same types."""
    groups: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for layout in layouts:
        there = {name.lower(): stored for name, stored in layout.columns}
        groups[tuple(there.get(column.name.lower()) for column in columns)] += map(unpatterned, layout.files)
    for types, files in groups.items():
        casts = [
            f"{_cast(column, stored, zone)} AS {quoted(column.name)}"
            for column, stored in zip(columns, types, strict=True)
            if stored is not None and stored != column.target
        ]
        replaced = f" REPLACE ({', '.join(casts)})" if casts else ""
        yield f"SELECT *{replaced} FROM {read(files)}"  # noqa: S608 - quoted names


def zones(layouts: Sequence[SameLayout]) -> Iterator[tuple[str, str, str]]:
    """Yield columns that have a timezone in some files and none in others: the column, and a file of each kind."""
    for name, types in _types(layouts).items():
        if len({_is_local(stored) for stored in types if _is_time(stored)}) > 1:
            files = {_is_local(stored): file for file, stored in reversed([*_files(layouts, name)]) if _is_time(stored)}
            yield name, short(files[False]), short(files[True])


def rounded(
    connection: "DuckDBPyConnection", layouts: Sequence[SameLayout], types: dict[str, str], read: Read
) -> Iterator[tuple[str, str, str, int]]:
    """Yield values that the common type cannot hold: column, a file, its type there, and how many.

    Args:
        types: the columns to look at, with the types they are read in.
    """
    for name, target in types.items():
        files: dict[str, list[str]] = defaultdict(list)
        for file, stored in _files(layouts, name):
            if stored != target and _can_lose(stored, target):
                files[stored].append(file)
        for stored, names in files.items():
            column = quoted(name)
            lost = f"TRY_CAST(TRY_CAST({column} AS {target}) AS {stored}) IS DISTINCT FROM {column}"
            if stored.endswith("_NS"):
                lost = f"epoch_ns({column}) % 1000 <> 0"
            [(count,)] = connection.execute(f"SELECT count(*) FROM {read(names)} WHERE {lost}").fetchall()  # noqa: S608
            if count:
                yield name, short(names[0]), stored, count


def _types(layouts: Sequence[SameLayout]) -> dict[str, set[str]]:
    """Return the types of each column that is not nested in any file, under the name it has where it is first found."""
    names: dict[str, str] = {}
    types: dict[str, set[str | None]] = defaultdict(set)
    for layout in layouts:
        for name, stored in layout.columns:
            types[names.setdefault(name.lower(), name)].add(stored)
    plain = {name: {stored for stored in found if stored} for name, found in types.items() if None not in found}
    return {name: {stored for stored in found if kind_of(stored) != "null"} for name, found in plain.items()}


def _files(layouts: Sequence[SameLayout], column: str) -> Iterator[tuple[str, str]]:
    """Yield each file that has the column with values, with its type there."""
    for layout in layouts:
        stored = next((stored for name, stored in layout.columns if name.lower() == column.lower()), None)
        if stored and kind_of(stored) != "null":
            yield from ((unpatterned(name), stored) for name in layout.files)


def _target(types: set[str]) -> str | None:
    """Return the type that holds the values of all these; None where DuckDB's is right, or no type can."""
    if all(map(_is_time, types)):
        zoned = not all(map(_is_local, types))
        fine = any(stored.endswith("_NS") for stored in types)
        return ("TIMESTAMPTZ" if zoned else "TIMESTAMP") + ("_NS" if fine else "")
    numeric = all(kind_of(stored) in ("integer", "number") for stored in types)
    return "DOUBLE" if numeric and "FLOAT" in types else None


def _cast(column: Mixed, stored: str, zone: str) -> str:
    if column.target == "DOUBLE":
        return f"{quoted(column.name)}::DOUBLE"
    time = TimeSql(quoted(column.name), stored, zone)
    if column.target.startswith("TIMESTAMPTZ"):
        exact = time.in_nanoseconds and column.target.endswith("_NS")
        return (
            f"({time.sql} AT TIME ZONE '{zone}')" if exact and time.is_local else _in(column.target, time, time.floor)
        )
    return _in(column.target, time, time.microsecond)


def _in(target: str, time: TimeSql, microsecond: str) -> str:
    return time.sql if time.stored == target else f"{microsecond}::{target}"


def _can_lose(stored: str, target: str) -> bool:
    if stored.endswith("_NS"):
        return not target.endswith("_NS")
    if target in _FLOATS and stored in _WIDE:
        return True
    digits = int(stored.partition("(")[2].partition(",")[0]) if stored.startswith("DECIMAL(") else 0
    if target in _FLOATS:
        return target == "FLOAT" if not digits else digits > _EXACT_DIGITS
    return bool(digits) and target.startswith("DECIMAL(")


def _countable(connection: "DuckDBPyConnection", column: str, rows: str) -> bool:
    """Return whether all times of the rows can be counted in nanoseconds."""
    name = quoted(column)
    [(count,)] = connection.execute(
        f"SELECT count(*) FROM (SELECT min({name}) AS first, max({name}) AS last FROM {rows}) "  # noqa: S608
        "WHERE first < '1678-01-01' OR last >= '2262-01-01'"
    ).fetchall()
    return not count


def _is_time(stored: str) -> bool:
    return kind_of(stored) in ("timestamp", "date")


def _is_local(stored: str) -> bool:
    return kind_of(stored) == "date" or is_naive(stored)
