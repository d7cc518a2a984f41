"""CSV files as SQL: every field is text, and missing where it is empty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import uuid4

from maestro_ml.data.csv_files import Compression, Dialect, Header, compression
from maestro_ml.data.identifiers import literal, quoted

_NEVER = uuid4().hex  # a text for null: with the empty one, DuckDB drops an empty field too many at the end of a line


@dataclass(frozen=True)
class CsvFile:
    """A file of the dataset, and what is read in its place: itself, or a copy with one kind of line end."""

    file: str
    header: Header
    path: str
    dialect: Dialect

    @property
    def like(self) -> tuple[Header, Compression, Dialect]:
        """What files have in common that are read in one go."""
        return self.header, compression(self.path), self.dialect


def spelling(files: Iterable[CsvFile], preferred: Iterable[str]) -> dict[str, str]:
    """One name for each column of the files, by the name in small letters; as preferred where a file has that."""
    names = dict.fromkeys(name for file in files for name in file.header.names)
    first = {name.lower(): name for name in reversed(names)}
    return first | {name.lower(): name for name in preferred if name in names}


def text_sql(files: Sequence[CsvFile], names: dict[str, str]) -> str:
    """SQL for the rows of all files, columns matched by their names."""
    # groupby joins neighbours only, so the rows keep the order of the files
    groups = [[*group] for _, group in groupby(files, key=lambda file: file.like)]
    return " UNION ALL BY NAME ".join(_select(group, names) for group in groups)


def _select(group: Sequence[CsvFile], names: dict[str, str]) -> str:
    header, packed, dialect = group[0].like
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header.names)
    fields = ", ".join(f"NULLIF({quoted(name)}, '') AS {quoted(names[name.lower()])}" for name in header.names)
    options = {
        "columns": f"{{{columns}}}",
        "auto_detect": "FALSE",
        "header": "TRUE",
        "delim": literal(dialect.delimiter),
        "quote": literal(dialect.quote),
        "escape": literal(dialect.quote),
        "strict_mode": "TRUE",
        "nullstr": literal(_NEVER),
        "compression": literal(packed),
        "hive_partitioning": "FALSE",
    }
    paths = ", ".join(literal(file.path) for file in group)
    given = ", ".join(f"{key} = {value}" for key, value in options.items())
    return f"SELECT {fields} FROM read_csv([{paths}], {given})"  # noqa: S608
