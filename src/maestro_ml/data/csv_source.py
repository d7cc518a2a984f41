"""CSV has no types: the values tell them, and the contract where the values cannot."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from maestro_ml.data.errors import reason, unreadable
from maestro_ml.data.identifiers import quoted
from maestro_ml.data.source_files import Columns, Layout, SourceFiles
from maestro_ml.data.types import STORED_AS, fits, kind_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project.datasets import Dataset


def load_csv(
    connection: "DuckDBPyConnection", files: Sequence[str], delimiter: str, dataset: "Dataset"
) -> "tuple[DuckDBPyRelation, SourceFiles]":
    """Parse the files into a table of the connection (it spills to disk where memory ends).

    Of several files, those that cannot be read are left out; where that leaves none, DuckDB's error is raised.
    """
    csv = _Csv(connection, delimiter, dataset)
    refused: dict[str, str] = {}
    try:
        table = csv.table(files)
    except unreadable():
        refused = {file: why for file in files if (why := csv.refusal(file))}
        files = [file for file in files if file not in refused]
        if not files or not refused:
            raise
        table = csv.table(files)
    layouts = csv.layouts(files, table) if refused or len(files) > 1 else ()
    return table, SourceFiles(tuple(files), refused, layouts)


@dataclass(frozen=True)
class _Csv:
    connection: "DuckDBPyConnection"
    delimiter: str
    dataset: "Dataset"

    def table(self, files: Sequence[str]) -> "DuckDBPyRelation":
        relation = self._read(files)
        told = self._told_by_contract(relation)
        name = f"csv_{uuid4().hex}"  # a check can open another dataset beside it
        (self._read(files, dtype=told) if told else relation).create(name)
        return self.connection.table(name)

    def refusal(self, file: str) -> str | None:
        """Why a file cannot be read."""
        try:
            self._read([file]).aggregate("count(*)").fetchall()
        except unreadable() as error:
            return reason(error)
        return None

    def layouts(self, files: Sequence[str], table: "DuckDBPyRelation") -> tuple[Layout, ...]:
        """The columns of each file, in the table's types; where that is not the contract's, in the file's own."""
        types = dict(zip(table.columns, map(str, table.types), strict=True))
        strange = [
            name
            for name, column in self.dataset.columns.items()
            if name in types and not fits(kind_of(types[name]), column.type)
        ]
        found: dict[str, Columns] = {}
        for file in files:
            there = self._read([file], all_varchar=True).columns
            own = self._own_types(file, [name for name in strange if name in there])
            found[file] = tuple((name, own.get(name) or types.get(name, "VARCHAR")) for name in there)
        counts = Counter(found.values())
        first = {columns: file for file, columns in reversed(found.items())}
        return tuple(Layout(columns, first[columns], count) for columns, count in counts.most_common())

    def _own_types(self, file: str, columns: Sequence[str]) -> dict[str, str]:
        if not columns:
            return {}
        relation = self._read([file])
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        return {name: types[name] for name in columns} | dict.fromkeys(_without_value(relation, columns), "NULL")

    def _read(self, files: Sequence[str], **options: object) -> "DuckDBPyRelation":
        # sample_size -1: every row is heard, so that one bad value in a million shows as a wrong type, not as a crash.
        return self.connection.read_csv(
            list(files), header=True, delimiter=self.delimiter, sample_size=-1, union_by_name=len(files) > 1, **options
        )

    def _told_by_contract(self, relation: "DuckDBPyRelation") -> dict[str, str]:
        """Columns whose type the values do not tell: text that looks like numbers, and columns without a value."""
        seen = {name: kind_of(str(type_)) for name, type_ in zip(relation.columns, relation.types, strict=True)}
        contract = {name: column.type for name, column in self.dataset.columns.items() if name in seen}
        text = {name: "VARCHAR" for name, type_ in contract.items() if type_ == "string" and seen[name] != "string"}
        maybe = [name for name, type_ in contract.items() if type_ != "string" and seen[name] == "string"]
        return text | {name: STORED_AS[contract[name]] for name in _without_value(relation, maybe)}


def _without_value(relation: "DuckDBPyRelation", columns: Sequence[str]) -> list[str]:
    if not columns:
        return []
    [counts] = relation.aggregate(", ".join(f"count({quoted(name)})" for name in columns)).fetchall()
    return [name for name, count in zip(columns, counts, strict=True) if not count]
