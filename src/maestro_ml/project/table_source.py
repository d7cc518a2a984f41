"""What a source of a project's own is: a class that states its keys, and opens its table as Arrow."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.project.sources import BaseSource

if TYPE_CHECKING:
    from pyarrow import RecordBatchReader, Table


@dataclass(frozen=True)
class Wanted:
    """What is needed of a table. A source may return more, of which Maestro takes what it needs.

    Attributes:
        columns: the names of the columns, with that of the event time; None for all.
        timestamp: the column of the event time; None where the dataset has none.
        ranges: the rows whose event time is in one of these, `start <= time < end`, in UTC; None for all rows.
        root: the project's folder.
    """

    columns: tuple[str, ...] | None
    timestamp: str | None
    ranges: tuple[tuple[datetime, datetime], ...] | None
    root: Path

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Return whether rows of `start <= time < end` can be needed."""
        return self.ranges is None or any(first < end and start < last for first, last in self.ranges)


class TableSource(BaseSource, ABC):
    """A source of a project's own, or of another package; it states its name as `kind: Literal["name"]`."""

    @abstractmethod
    def open(self, wanted: Wanted) -> "Table | RecordBatchReader":
        """Return the rows: an Arrow table, or a reader of batches, of which one after the other is read.

        Whatever it raises ends the run, with its text and the name of the kind.
        """

    @property
    def place(self) -> str:
        """Where the table is, for a person; without a password."""
        return self.kind
