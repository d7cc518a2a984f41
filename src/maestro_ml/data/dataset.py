"""A dataset, opened: its columns as they are, and its rows by window."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from maestro_ml.data.engine import connect
from maestro_ml.data.errors import DataError
from maestro_ml.data.identifiers import quoted, timestamp_literal
from maestro_ml.data.sources import scan
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.datasets import Dataset, FixedReference, PreviousReference

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


@dataclass(frozen=True)
class OpenDataset:
    """A dataset and the DuckDB connection its relations live on."""

    name: str
    spec: Dataset
    connection: "DuckDBPyConnection"
    table: "DuckDBPyRelation"

    @cached_property
    def types(self) -> dict[str, str]:
        """DuckDB's type of every column that is really there."""
        return dict(zip(self.table.columns, map(str, self.table.types), strict=True))

    @property
    def has_naive_timestamp(self) -> bool:
        kind = self.types.get(self.spec.timestamp, "")
        return kind.startswith("TIMESTAMP") and "TIME ZONE" not in kind

    @property
    def event_time(self) -> str:
        """SQL for the event timestamp as TIMESTAMPTZ; a naive column is read in the dataset's timezone, else UTC."""
        kind = self.types.get(self.spec.timestamp)
        column = quoted(self.spec.timestamp)
        if kind is None:
            raise DataError(
                f"dataset {self.name}: no timestamp column '{self.spec.timestamp}'; there are: {', '.join(self.types)}"
            )
        if "TIME ZONE" in kind:
            return column
        if kind.startswith("TIMESTAMP") or kind == "DATE":
            zone = (self.spec.timezone or "UTC").replace("'", "''")
            return f"(({column})::TIMESTAMP AT TIME ZONE '{zone}')"
        raise DataError(f"dataset {self.name}: the timestamp column '{self.spec.timestamp}' is {kind}, not a time")

    def rows(self, window: Window, columns: Sequence[str] | None = None) -> "DuckDBPyRelation":
        """The rows whose event time lies in the window, lazily."""
        start, end = timestamp_literal(window.start), timestamp_literal(window.end)
        inside = self.table.filter(f"{self.event_time} >= {start} AND {self.event_time} < {end}")
        return inside if columns is None else inside.project(", ".join(map(quoted, columns)))

    def reference_window(self, window: Window) -> Window:
        """What the window is compared with."""
        match self.spec.reference:
            case FixedReference(start=start, end=end):
                return Window(start, end)
            case PreviousReference(length=length):
                return window.previous(length)
            case None:
                raise RequestError(f"dataset {self.name} has no reference")


@contextmanager
def open_dataset(project: Project, name: str) -> Iterator[OpenDataset]:
    """Open a dataset of the project; its relations are valid inside the block.

    Raises:
        DataError: the source cannot be read.
    """
    spec = project.datasets[name]
    with connect() as connection:
        yield OpenDataset(name, spec, connection, scan(connection, project, spec))
