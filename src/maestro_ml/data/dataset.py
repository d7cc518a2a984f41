"""A dataset, opened: its columns as they are, and its rows by window."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from maestro_ml.data.engine import connect
from maestro_ml.data.errors import NoEventTime, reading
from maestro_ml.data.identifiers import quoted, timestamp_literal
from maestro_ml.data.sources import located, scan
from maestro_ml.data.types import Kind, is_naive, kind_of
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.base import format_duration
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.references import FixedReference, PreviousReference, SeasonReference

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_FLOATS = ("FLOAT", "DOUBLE")
_WIDEST_OFFSET = timedelta(days=1)  # no timezone is further from UTC


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

    def kind(self, column: str) -> Kind | None:
        """The contract's word for what the column really is; None if it is not there."""
        return kind_of(self.types[column]) if column in self.types else None

    @property
    def event_time(self) -> str:
        """SQL for the event timestamp as TIMESTAMPTZ; a naive column is read in the dataset's timezone, else UTC.

        Raises:
            NoEventTime: the column is not there, or holds no time.
        """
        column = quoted(self.spec.timestamp)
        match self.kind(self.spec.timestamp):
            case None:
                raise NoEventTime(
                    f"dataset {self.name}: no timestamp column '{self.spec.timestamp}'; "
                    f"there are: {', '.join(self.types)}"
                )
            case "timestamp" if not is_naive(self.types[self.spec.timestamp]):
                return f"({column}::TIMESTAMPTZ)"  # nanoseconds cannot be compared with a time as it is
            case "timestamp" | "date":
                # The name of the zone was checked when the project was loaded.
                return f"({column}::TIMESTAMP AT TIME ZONE '{self.spec.timezone or 'UTC'}')"
            case "null":
                return f"({column}::TIMESTAMPTZ)"
            case _:
                found = self.types[self.spec.timestamp]
                raise NoEventTime(
                    f"dataset {self.name}: the timestamp column '{self.spec.timestamp}' is {found}, no time"
                )

    def missing(self, column: str) -> str:
        """SQL that is true where the column has no value: null, or NaN in a floating-point column."""
        name = quoted(column)
        return f"({name} IS NULL OR isnan({name}))" if self.types[column] in _FLOATS else f"({name} IS NULL)"

    def rows(self, window: Window, columns: Sequence[str] | None = None) -> "DuckDBPyRelation":
        """The rows whose event time lies in the window, lazily.

        Raises:
            NoEventTime: the window cannot be told.
        """
        time = self.event_time
        inside = f"{time} >= {timestamp_literal(window.start)} AND {time} < {timestamp_literal(window.end)}"
        if self.kind(self.spec.timestamp) == "timestamp":
            # Parquet's statistics prune by the bare column only; the exact comparison stands beside it.
            column, stored = quoted(self.spec.timestamp), self.types[self.spec.timestamp]
            first, last = (moment.strftime("%Y-%m-%d %H:%M:%S+00") for moment in _around(window))
            inside += f" AND {column} BETWEEN '{first}'::{stored} AND '{last}'::{stored}"
        relation = self.table.filter(inside)
        return relation if columns is None else relation.project(", ".join(map(quoted, columns)))

    def reference_window(self, window: Window) -> Window:
        """What the window is compared with.

        Raises:
            RequestError: there is no reference, or it overlaps the window.
        """
        match self.spec.reference:
            case FixedReference(start=start, end=end):
                return Window(start, end)
            case PreviousReference(length=length):
                return window.previous(length)
            case SeasonReference(period=period) if period < window.length:
                raise RequestError(
                    f"dataset {self.name}: the reference is the window {format_duration(period)} earlier, and overlaps "
                    f"a window of {format_duration(window.length)}; give it a longer period or the run a shorter window"
                )
            case SeasonReference(period=period):
                return Window(window.start - period, window.end - period)
            case None:
                raise RequestError(f"dataset {self.name} has no reference")


def _around(window: Window) -> tuple[datetime, datetime]:
    return window.start - _WIDEST_OFFSET, window.end + _WIDEST_OFFSET


@contextmanager
def open_dataset(project: Project, name: str) -> Iterator[OpenDataset]:
    """Open a dataset of the project; its relations are valid inside the block.

    Raises:
        DataError: the source cannot be read, now or in the middle of the block.
    """
    spec = project.datasets[name]
    with (
        tempfile.TemporaryDirectory(prefix="maestro-") as spill,
        reading(located(project, spec.source)),
        connect(spill) as connection,
    ):
        yield OpenDataset(name, spec, connection, scan(connection, project, spec))
