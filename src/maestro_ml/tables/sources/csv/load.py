"""CSV as the project describes it: no quote, type or order of a date is guessed from a sample."""

import codecs
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import STORED_AS, fits, kind_of
from maestro_ml.tables.sources.csv.columns import TextTable
from maestro_ml.tables.sources.csv.faults import REWRITTEN, check_file, find_header, other_delimiter, rewrite
from maestro_ml.tables.sources.csv.files import UTF_8, Dialect, Header, UnreadableFile, encoding_of, is_utf_8, transcode
from maestro_ml.tables.sources.csv.table import CsvFile, own_sql, present, spelling, text_sql
from maestro_ml.tables.sources.file_names import short
from maestro_ml.tables.sources.partitions import Disagreement, Partition, disagreeing
from maestro_ml.tables.sources.schema import Columns, Layout, SourceFiles
from maestro_ml.tables.sources.typed_text import TypedText

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project.datasets import Column, Dataset
    from maestro_ml.project.sources import CsvSource

_NAMED = 8  # columns of the contract in a message
_DISAGREEMENTS = 20
_WIDE, _AT_ONCE = 1000, 200  # columns: of a wide table, and of one update


def load_csv(
    connection: "DuckDBPyConnection",
    files: Sequence[str],
    place: str,
    source: "CsvSource",
    dataset: "Dataset",
    partitions: Sequence[Partition] = (),
    most_rows: int | None = None,
) -> "tuple[DuckDBPyRelation, SourceFiles]":
    """Parse the files, once, into a table of the connection (it spills to disk where memory ends).

    Of several files, those that cannot be read are left out.

    Args:
        place: where the files are, for a person.
        partitions: columns that are names of folders.
        most_rows: only the first so many rows are parsed; None for all.

    Raises:
        DataError: none of them can be read.
        RequestError: a column has more than one meaning, and the project does not say which.
    """
    csv = _Csv(connection, place, source, dataset, tuple(partitions), most_rows)
    with tempfile.TemporaryDirectory(prefix="maestro-csv-") as folder:
        readable, refused, table = csv.parsed(files, Path(folder))
        csv = replace(csv, dataset=dataset.expanded(csv.names(readable).values()))
        typed = csv.text(quoted(table)).typed(csv.contract(readable))
        found = SourceFiles(
            readable=tuple(each.file for each in readable),
            refused=refused,
            layouts=csv.layouts(readable, typed) if len(files) > 1 else (),
            readings={name: each for name, each in typed.items() if each.attempt or each.format},
            partitions=csv.partitions,
            disagreeing=tuple(csv.disagreeing(readable)),
        )
    return csv.converted(table, typed), found


@dataclass(frozen=True)
class _Csv:
    connection: "DuckDBPyConnection"
    place: str
    source: "CsvSource"
    dataset: "Dataset"
    partitions: tuple[Partition, ...]
    most_rows: int | None

    @property
    def dialect(self) -> Dialect:
        source = self.source
        names = () if source.header else tuple(name for name in self.dataset.columns if name not in source.partitions)
        return Dialect(source.delimiter, source.quote, source.skip, source.comment, source.encoding, names)

    def text(self, table: str) -> TextTable:
        personal = any(column.pii for column in self.dataset.columns.values())
        return TextTable(self.connection, table, self.place, self.source, self.dataset.timezone, personal)

    def names(self, files: Sequence[CsvFile]) -> dict[str, str]:
        return spelling(files, self.dataset.columns)

    def contract(self, files: Sequence[CsvFile]) -> dict[str, "Column"]:
        there = set(self.names(files).values()) - {partition.name for partition in self.partitions}
        return {name: column for name, column in self.dataset.columns.items() if name in there and not column.unit}

    def parsed(self, files: Sequence[str], folder: Path) -> tuple[tuple[CsvFile, ...], dict[str, str], str]:
        """Return the files that can be read, why others cannot, and the name of a table with every row as text."""
        import duckdb

        refused: dict[str, str] = {}
        readable = self._in_one_encoding(tuple(self._with_headers(files, folder, refused)), refused)
        try:
            if all(file.header.is_plain for file in readable):
                return readable, refused, self._create(readable, refused)
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except duckdb.Error:
            pass  # the next lines name the file and the reason
        readable = tuple(self._examined(readable, folder, refused))
        refused = {file: refused[file] for file in files if file in refused}
        return readable, refused, self._create(readable, refused)

    def converted(self, table: str, typed: Mapping[str, TypedText]) -> "DuckDBPyRelation":
        """Return the table with the values its text stands for."""
        text = self.connection.table(table)
        if not typed:
            return text
        name = f"csv_{uuid4().hex}"
        fields = [
            f"{typed[column].sql if column in typed else quoted(column)} AS {quoted(column)}" for column in text.columns
        ]
        self.connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(fields)} FROM {quoted(table)}")  # noqa: S608
        self.connection.execute(f"DROP TABLE {quoted(table)}")
        return self.connection.table(name)

    def disagreeing(self, files: Sequence[CsvFile]) -> Iterator[Disagreement]:
        """Return where files hold a partition's column and disagree with their folders."""
        for partition in self.partitions:
            if sql := own_sql(files, partition):
                yield from disagreeing(self.connection, f"({sql})", partition, _DISAGREEMENTS)

    def layouts(self, files: Sequence[CsvFile], typed: Mapping[str, TypedText]) -> tuple[Layout, ...]:
        """Return each file's columns in the table's types; a column that breaks the contract in the file's own."""
        wrong = {
            name: each.attempt
            for name, each in typed.items()
            if each.attempt and not fits(kind_of(each.stored), self.dataset.columns[name].type)
        }
        found: dict[str, Columns] = {}
        for file in files:
            kept = self._kept(file, {name: sql for name, sql in wrong.items() if name in file.header.names})
            types = {name: each.stored for name, each in typed.items()}
            types |= {name: STORED_AS[self.dataset.columns[name].type] for name in kept}
            found[file.file] = tuple((name, types.get(name, "VARCHAR")) for name in file.header.names)
        counts = Counter(found.values())
        first = {columns: file for file, columns in reversed(found.items())}
        return tuple(Layout(columns, first[columns], count) for columns, count in counts.most_common())

    def _kept(self, file: CsvFile, attempts: Mapping[str, str]) -> list[str]:
        """Return the columns whose values in this file are of the contract's types."""
        sql = text_sql([file], {name.lower(): name for name in file.header.names}, nulls=self.source.nulls_of)
        broken = [f"count({quoted(name)}) FILTER ({attempt} IS NULL)" for name, attempt in attempts.items()]
        counts = self.text(f"({sql})").values(broken)
        return [name for name, count in zip(attempts, counts, strict=True) if not count]

    def _create(self, files: Sequence[CsvFile], refused: Mapping[str, str]) -> str:
        if not files:
            file, why = next(iter(refused.items()))
            if len(refused) == 1:
                raise DataError(f"{file} cannot be read: {why}")
            raise DataError(f"{self.place}: none of {len(refused):,} files can be read; {short(file)}: {why}")
        name = f"csv_{uuid4().hex}"  # a check can open another dataset beside it
        names = self.names(files)
        is_wide = len(names) > _WIDE
        rows = text_sql(files, names, self.partitions, None if is_wide else self.source.nulls_of)
        limit = "" if self.most_rows is None else f" LIMIT {self.most_rows}"
        self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM ({rows}){limit}")  # noqa: S608
        if is_wide:
            self._mark_missing(name, files)
        return name

    def _mark_missing(self, table: str, files: Sequence[CsvFile]) -> None:
        """Make empty fields and those that stand for a missing value null, in the columns that have any.

        Some columns at a time: DuckDB plans a projection in a time that grows with the square of its expressions.
        """
        of_folders = {partition.name for partition in self.partitions}
        fields = {
            each: present(each, self.source.nulls_of(each))
            for each in self.names(files).values()
            if each not in of_folders
        }
        found = self.text(table).values([f"bool_or({sql} IS NULL)" for sql in fields.values()])
        having = [each for each, has_some in zip(fields, found, strict=True) if has_some]
        for start in range(0, len(having), _AT_ONCE):
            new = ", ".join(f"{quoted(each)} = {fields[each]}" for each in having[start : start + _AT_ONCE])
            self.connection.execute(f"UPDATE {table} SET {new}")  # noqa: S608

    def _with_headers(self, files: Sequence[str], folder: Path, refused: dict[str, str]) -> Iterator[CsvFile]:
        for i, file in enumerate(files):
            try:
                header = find_header(file, self.dialect)
                self._check_names(file, header)
            except UnreadableFile as error:
                refused[file] = str(error)
            else:
                yield self._in_utf8(CsvFile(file, header, file, self.dialect), folder / f"text-{i}.csv")

    def _in_one_encoding(self, files: tuple[CsvFile, ...], refused: dict[str, str]) -> tuple[CsvFile, ...]:
        """Leave out files in UTF-8 beside some in the declared encoding, of which most read any bytes."""
        declared = self.dialect.encoding
        if not declared or len(files) == 1 or codecs.lookup(declared).name.startswith("utf-8"):
            return files
        unmarked = [each.file for each in files if encoding_of(each.file, self.dialect) == declared]
        found = {file: is_utf_8(file) for file in unmarked}
        if False in found.values():
            why = f"it is text in UTF-8, and others are {declared}; write all files in one encoding"
            refused |= {file: why for file, is_utf in found.items() if is_utf}
        return tuple(each for each in files if each.file not in refused)

    def _in_utf8(self, file: CsvFile, copy: Path) -> CsvFile:
        """Return what DuckDB can read: UTF-8 that begins with the header; the file itself, or a copy."""
        dialect = file.dialect
        encoding = encoding_of(file.file, dialect)
        if (encoding == UTF_8 and not dialect.skip) or not file.header.is_plain:
            return file
        transcode(file.file, dialect, copy)
        return replace(file, path=str(copy), dialect=replace(dialect, skip=0, encoding=None))

    def _check_names(self, file: str, header: Header) -> None:
        """Raise UnreadableFile where no name is the contract's: a row of values would be taken for the header."""
        contract = {name.lower() for name in self.dataset.columns}
        if not contract or any(name.lower() in contract or self.dataset.column(name) for name in header.names):
            return
        check_file(file, self.dialect)
        named = ", ".join([*self.dataset.columns][:_NAMED])
        other = other_delimiter(header, self.dialect)
        hint = f"; it holds {other!r}: if that stands between the fields, say so with `delimiter`" if other else ""
        raise UnreadableFile(f"its first line is not a header with columns of the contract ({named}){hint}")

    def _examined(self, files: Sequence[CsvFile], folder: Path, refused: dict[str, str]) -> Iterator[CsvFile]:
        """Yield the files that can be read, some as a copy with one kind of line end."""
        for i, file in enumerate(files):
            if self._is_read(file):
                yield file
                continue
            try:
                check_file(file.file, self.dialect)
                copy = CsvFile(file.file, Header(file.header.names), str(folder / f"{i}.csv"), REWRITTEN)
                rewrite(file.file, self.dialect, Path(copy.path))
            except UnreadableFile as error:
                refused[file.file] = str(error)
                continue
            if self._is_read(copy):
                yield copy
            else:
                refused[file.file] = "DuckDB cannot parse it"

    def _is_read(self, file: CsvFile) -> bool:
        """Return whether DuckDB reads every field."""
        import duckdb

        if not file.header.is_plain:  # DuckDB takes the first line end it sees for that of all lines
            return False
        names = {name.lower(): name for name in file.header.names}
        try:
            self.connection.execute(f"SELECT count(COLUMNS(*)) FROM ({text_sql([file], names)})").fetchall()  # noqa: S608
        except duckdb.Error:
            return False
        return True
