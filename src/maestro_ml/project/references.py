"""References: the past that drift and anomalies compare a window with."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.core.errors import RequestError
from maestro_ml.core.node import Duration, Mistake, Node, Time, format_duration
from maestro_ml.core.places import Place
from maestro_ml.core.window import Window


class FixedReference(Node):
    """The same range of time for every run."""

    kind: Literal["fixed"]
    start: Time
    end: Time

    def mistakes(self) -> Iterator[Mistake]:
        """Report a start that is not before the end."""
        if self.start >= self.end:
            yield Mistake((), "start must be before end")


class PreviousReference(Node):
    """The range of `length` just before the run's window (default: as long as the window)."""

    kind: Literal["previous"]
    length: Duration | None = None


class SeasonReference(Node):
    """The run's window, one `period` earlier: `7d` for the same weekdays, `364d` for the same weekdays last year."""

    kind: Literal["season"]
    period: Duration


class SnapshotReference(Node):
    """The same table as it was earlier, all of it: other files, or another table of the same database.

    Attributes:
        path: where its files are; they are read as those of the dataset's source are. Of a source of the project's own
            they are Parquet.
        table: its name, where the source is a database.
    """

    kind: Literal["snapshot"]
    path: Place | None = None
    table: str | None = None

    def mistakes(self) -> Iterator[Mistake]:
        """Report a snapshot of no place, or of two."""
        if bool(self.path) == bool(self.table):
            yield Mistake((), "a snapshot has a path (files), or a table (a database)")

    @property
    def place(self) -> str:
        return self.path or self.table or ""


TimedReference = FixedReference | PreviousReference | SeasonReference
Reference = Annotated[TimedReference | SnapshotReference, Field(discriminator="kind")]


def reference_window(dataset: str, reference: TimedReference | None, window: Window) -> Window:
    """Return what a window of a dataset is compared with.

    Raises:
        RequestError: there is no reference, it overlaps the window, or would start before the year 1.
    """
    try:
        return _reference_window(dataset, reference, window)
    except (OverflowError, ValueError):
        raise RequestError(f"dataset {dataset}: the reference of {window} would start before the year 1") from None


def _reference_window(dataset: str, reference: TimedReference | None, window: Window) -> Window:
    match reference:
        case FixedReference(start=start, end=end):
            return Window(start, end)
        case PreviousReference(length=length):
            return window.previous(length)
        case SeasonReference(period=period) if period < window.length:
            raise RequestError(
                f"dataset {dataset}: the reference is the window {format_duration(period)} earlier, and overlaps "
                f"a window of {format_duration(window.length)}; give it a longer period or the run a shorter window"
            )
        case SeasonReference(period=period):
            return Window(window.start - period, window.end - period)
        case None:
            raise RequestError(f"dataset {dataset} has no reference")
