"""CSV has no types: the values tell them, and the contract where the values cannot."""

from typing import TYPE_CHECKING
from uuid import uuid4

from maestro_ml.data.identifiers import quoted
from maestro_ml.data.types import STORED_AS, kind_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project.datasets import Dataset


def load_csv(
    connection: "DuckDBPyConnection", files: list[str], delimiter: str, dataset: "Dataset"
) -> "DuckDBPyRelation":
    """Parse the files once, into a table of the connection (it spills to disk where memory ends)."""

    def read(**options: dict[str, str]) -> "DuckDBPyRelation":
        # sample_size -1: every row is heard, so that one bad value in a million shows as a wrong type, not as a crash.
        return connection.read_csv(
            files, header=True, delimiter=delimiter, sample_size=-1, union_by_name=len(files) > 1, **options
        )

    relation = read()
    told = _told_by_contract(relation, dataset)
    name = f"csv_{uuid4().hex}"  # a check can open another dataset beside it
    (read(dtype=told) if told else relation).create(name)
    return connection.table(name)


def _told_by_contract(relation: "DuckDBPyRelation", dataset: "Dataset") -> dict[str, str]:
    """Columns whose type the values do not tell: text that looks like numbers, and columns without a value."""
    seen = {name: kind_of(str(type_)) for name, type_ in zip(relation.columns, relation.types, strict=True)}
    contract = {name: column.type for name, column in dataset.columns.items() if name in seen}
    text = {name: "VARCHAR" for name, type_ in contract.items() if type_ == "string" and seen[name] != "string"}
    silent = [name for name, type_ in contract.items() if type_ != "string" and seen[name] == "string"]
    if not silent:
        return text
    [counts] = relation.aggregate(", ".join(f"count({quoted(name)})" for name in silent)).fetchall()
    return text | {name: STORED_AS[contract[name]] for name, n in zip(silent, counts, strict=True) if not n}
