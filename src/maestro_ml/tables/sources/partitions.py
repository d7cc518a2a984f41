"""Columns whose values stand in the names of folders, such as `day=2024-01-05`; only those a project declares."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from maestro_ml.core.errors import DataError
from maestro_ml.core.wording import plural
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.types import STORED_AS
from maestro_ml.tables.sources.file_names import plain, short

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project.datasets import Column
    from maestro_ml.sql.types import ColumnType

FILE = "__maestro_file"  # our own column: the file a row is from
_HIDDEN = "•••"
NULL = "__HIVE_DEFAULT_PARTITION__"
_ZONE = r"(?:Z|[+-]\d\d(?::?\d\d)?)"
_SPELLINGS: "dict[ColumnType, str]" = {
    "string": r"(?s:.*)",
    "integer": r"[+-]?\d{1,18}",
    "number": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?",
    "boolean": r"(?i:true|false)",
    "date": r"\d{4}-\d\d-\d\d",
    "timestamp": rf"\d{{4}}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?{_ZONE}?)?",
}


@dataclass(frozen=True)
class Partition:
    """A column from the names of folders: its type in DuckDB, and how the folders spell its name."""

    name: str
    stored: str
    spelled: tuple[str, ...]

    @property
    def sql(self) -> str:
        """SQL for its value, from the column FILE."""
        value = f"regexp_extract({quoted(FILE)}, {literal(self.pattern)}, 1)"
        return f"CAST(url_decode(nullif({value}, {literal(NULL)})) AS {self.stored})"

    @property
    def pattern(self) -> str:
        """A regular expression whose first group is the value, in the path of a file."""
        return f".*/(?:{'|'.join(map(re.escape, self.spelled))})=([^/]*)/"


class Disagreement(NamedTuple):
    """Rows of a file whose own column has another value than its folder gives."""

    file: str
    column: str
    folder: str | None
    value: str | None
    rows: int

    def sentence(self, *, hidden: bool) -> str:
        """Return a sentence; without the values where they are hidden."""
        value, folder = (_HIDDEN if hidden else "null" if v is None else v for v in (self.value, self.folder))
        return (
            f"{short(self.file)}: {plural(self.rows, 'row')} with {self.column} {value}, where the folder says {folder}"
        )


class _Folder(NamedTuple):
    spelled: str  # the name before the `=`
    value: str | None


def partitioned(
    files: Sequence[str], names: Sequence[str], contract: "Mapping[str, Column]", base: str
) -> tuple[tuple[str, ...], dict[str, str], tuple[Partition, ...]]:
    """Look at the folders of each file for the columns called `names`.

    Args:
        files: as DuckDB names them.
        names: columns of the contract.
        contract: declares their types.
        base: how paths begin that the project file leaves out; the folders in it do not count.

    Returns:
        The files that have a value of each column; why the others have none; the columns.

    Raises:
        DataError: no file has.
    """
    folders = {file: {name: _folder(plain(file).removeprefix(base), name) for name in names} for file in files}
    refused: dict[str, str] = {}
    for file, found in folders.items():
        reasons = [why for name in names if (why := _wrong(found[name], name, contract[name]))]
        refused |= {file: "; ".join(reasons)} if reasons else {}
    readable = tuple(file for file in files if file not in refused)
    if not readable:
        raise DataError(f"{short(files[0])} cannot be read: {refused[files[0]]}")
    columns = [_column(name, contract[name].type, [folders[file][name] for file in readable]) for name in names]
    return readable, refused, tuple(columns)


def with_partitions(rows: "DuckDBPyRelation", partitions: Sequence[Partition]) -> "DuckDBPyRelation":
    """Return the rows with the partitions as columns, in the place of the files' own of these names.

    Args:
        rows: they have the column FILE.
    """
    if not partitions:
        return rows
    names = {partition.name.lower() for partition in partitions} | {FILE}
    left_out = [quoted(name) for name in rows.columns if name.lower() in names]
    columns = [f"{partition.sql} AS {quoted(partition.name)}" for partition in partitions]
    return rows.project(f"* EXCLUDE ({', '.join(left_out)}), {', '.join(columns)}")


def disagreeing(connection: "DuckDBPyConnection", rows: str, partition: Partition, most: int) -> list[Disagreement]:
    """Return where a column of these rows (SQL with the column FILE) is not what the folders say: at most `most`."""
    column = quoted(partition.name)
    [(own,)] = connection.execute(f"SELECT any_value(typeof({column})) FROM (SELECT * FROM {rows} LIMIT 1)").fetchall()  # noqa: S608
    found = connection.execute(
        f"SELECT {quoted(FILE)}, {partition.sql}::VARCHAR, {column}::VARCHAR, count(*) FROM {rows} "  # noqa: S608
        f"WHERE {column} IS DISTINCT FROM TRY_CAST({partition.sql} AS {own or 'VARCHAR'}) "
        f"OR ({column} IS NULL) <> ({partition.sql} IS NULL) "  # the cast can fail
        f"GROUP BY ALL ORDER BY ALL LIMIT {most}"
    ).fetchall()
    return [Disagreement(file, partition.name, *rest) for file, *rest in found]


def _folder(path: str, name: str) -> _Folder | None:
    """Return the innermost folder of a path that gives the column."""
    for part in reversed(path.split("/")[:-1]):
        spelled, equals, value = part.partition("=")
        if equals and unquote(spelled) == name:
            try:
                return _Folder(spelled, None if value == NULL else unquote(value, errors="strict"))
            except UnicodeDecodeError:
                return _Folder(spelled, value)
    return None


def _wrong(folder: _Folder | None, name: str, column: "Column") -> str | None:
    if folder is None:
        return f"no folder above it is named {name}=..., and the source declares the partition {name}"
    if folder.value is None or _is_value(folder.value, column.type):
        return None
    value = _HIDDEN if column.pii else folder.value
    return f"its folder {name}={value} gives no {column.type}, which the contract says {name} is"


def _is_value(text: str, kind: "ColumnType") -> bool:
    import datetime as dt

    if not re.fullmatch(_SPELLINGS[kind], text):
        return False
    try:
        if kind in ("date", "timestamp"):
            dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _column(name: str, kind: "ColumnType", folders: Sequence[_Folder | None]) -> Partition:
    there = [folder for folder in folders if folder]
    zoned = {bool(re.search(rf"\d:.*{_ZONE}$", folder.value)) for folder in there if folder.value}
    if kind == "timestamp" and len(zoned) > 1:
        raise DataError(f"folders {name}=... with a timezone and without one are in one dataset; write all in one way")
    stored = "TIMESTAMP" if kind == "timestamp" and zoned != {True} else STORED_AS[kind]
    return Partition(name, stored, tuple(sorted({folder.spelled for folder in there})))
