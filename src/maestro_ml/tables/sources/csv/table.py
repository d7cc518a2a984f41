"""CSV files as SQL: every field is text, and missing where it is empty."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import uuid4

from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.tables.sources.csv.files import Compression, Dialect, Header, compression
from maestro_ml.tables.sources.file_names import plain
from maestro_ml.tables.sources.partitions import FILE, Partition

_NEVER = uuid4().hex  # a text for null: with the empty one, DuckDB drops an empty field too many at the end of a line


@dataclass(frozen=True)
class CsvFile:
    """A file of the dataset, and what is read in its place: itself, or a copy with one kind of line end."""

    file: str
    header: Header
    path: str
    dialect: Dialect

    @property
    def is_copy(self) -> bool:
        return self.path != self.file

    @property
    def like(self) -> tuple[tuple[str, ...], Compression, Dialect, str | None]:
        """What the files of one read have in common."""
        return self.header.names, compression(self.path), self.dialect, self.path if self.is_copy else None


def spelling(files: Iterable[CsvFile], preferred: Iterable[str]) -> dict[str, str]:
    """Return one name for each column of the files, by its lower-case name; the preferred one if a file has it."""
    names = dict.fromkeys(name for file in files for name in file.header.names)
    first = {name.lower(): name for name in reversed(names)}
    return first | {name.lower(): name for name in preferred if name in names}


def text_sql(
    files: Sequence[CsvFile],
    names: dict[str, str],
    partitions: Sequence[Partition] = (),
    nulls: Callable[[str], Sequence[str]] | None = lambda _: (),
) -> str:
    """Return SQL for the rows of all files, columns matched by name, with the columns of their folders.

    Args:
        nulls: texts that stand for a missing value, by the column's name. None: every field stays, also an empty one.
    """
    # groupby joins neighbours only, so the rows keep the order of the files
    groups = [[*group] for _, group in groupby(files, key=lambda file: file.like)]
    return " UNION ALL BY NAME ".join(_select(group, names, partitions, nulls) for group in groups)


def own_sql(files: Sequence[CsvFile], partition: Partition) -> str:
    """Return SQL for files' own values of a column that their folders give, beside FILE; empty if no file has it."""
    holding = [(file, name) for file in files for name in file.header.names if name.lower() == partition.name.lower()]
    grouped = groupby(holding, key=lambda item: item[0].like)
    return " UNION ALL ".join(
        f"SELECT TRY_CAST(NULLIF({quoted(group[0][1])}, '') AS {partition.stored}) AS {quoted(partition.name)}, "  # noqa: S608
        f"{quoted(FILE)} FROM {_rows([file for file, _ in group], with_file=True)}"
        for group in ([*each] for _, each in grouped)
    )


def _select(
    group: Sequence[CsvFile],
    names: dict[str, str],
    partitions: Sequence[Partition],
    nulls: Callable[[str], Sequence[str]] | None,
) -> str:
    of_folders = {partition.name.lower() for partition in partitions}
    own = [name for name in group[0].header.names if name.lower() not in of_folders]
    fields = [f"{_field(name, nulls)} AS {quoted(names[name.lower()])}" for name in own]
    fields += [f"{partition.sql} AS {quoted(partition.name)}" for partition in partitions]
    return f"SELECT {', '.join(fields)} FROM {_rows(group, with_file=bool(partitions))}"  # noqa: S608


def _field(name: str, nulls: Callable[[str], Sequence[str]] | None) -> str:
    return quoted(name) if nulls is None else present(name, nulls(name))


def present(name: str, nulls: Sequence[str]) -> str:
    """Return SQL for a field, null where it is empty or a text that stands for a missing value."""
    field = f"NULLIF({quoted(name)}, '')"
    return (
        f"CASE WHEN trim({quoted(name)}) NOT IN ({', '.join(map(literal, nulls))}) THEN {field} END" if nulls else field
    )


def _rows(group: Sequence[CsvFile], *, with_file: bool) -> str:
    """Return SQL for the rows of files with the same layout; FILE is the one a row is from."""
    header, packed, dialect, copy = group[0].like
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    options = {
        "columns": f"{{{columns}}}",
        "auto_detect": "FALSE",
        "header": "FALSE" if dialect.names else "TRUE",
        "delim": literal(dialect.delimiter),
        "quote": literal(dialect.quote),
        "escape": literal(dialect.quote),
        "strict_mode": "TRUE",
        "nullstr": literal(_NEVER),
        "compression": literal(packed),
        "hive_partitioning": "FALSE",
    }
    if with_file and not copy:
        options["filename"] = literal(FILE)
    paths = ", ".join(literal(file.path) for file in group)
    rows = f"read_csv([{paths}], {', '.join(f'{key} = {value}' for key, value in options.items())})"
    if with_file and copy:
        return f"(SELECT *, {literal(plain(group[0].file))} AS {quoted(FILE)} FROM {rows})"  # noqa: S608
    return rows
