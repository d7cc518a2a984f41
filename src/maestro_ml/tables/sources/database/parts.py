"""Which columns and rows of a database's table are read, and what the database itself counts of the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from maestro_ml.core.window import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.tables.sources.database.types import kind_of_type
from maestro_ml.tables.sources.parts import LAST, MARGIN, around, clock, instant, is_read, last_before, reads_everything
from maestro_ml.tables.sources.times import Times

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Table

_SAMPLE = 20
_TIMES = ("time", "instant", "date")


@dataclass(frozen=True)
class Part:
    """What is read of a table.

    Attributes:
        is_read: whether a column is; None for all.
        time: the event time.
        windows: the rows of these, and some around them; None for all rows.
        after: instead, a few rows later than this, and a few without a time.
        zone: of times that carry none.
        most_rows: the first so many of them; None for all.
        is_written: whether the contract says how a column's times are written, as text or as numbers.
    """

    is_read: Callable[[str], bool] | None = None
    time: str | None = None
    windows: tuple[Window, ...] | None = None
    after: datetime | None = None
    zone: str = "UTC"
    most_rows: int | None = None
    is_written: Callable[[str], bool] = lambda _: False

    @classmethod
    def of(cls, dataset: Dataset, windows: Sequence[Window] | None, most_rows: int | None = None) -> "Part":
        """Return what the contract names, and what lies in the windows."""

        def is_written(name: str) -> bool:
            column = dataset.column(name)
            return column is not None and bool(column.format or column.unit)

        columns, parts = (
            None if reads_everything(dataset) else is_read(dataset),
            None if windows is None else tuple(windows),
        )
        zone = dataset.timezone or "UTC"
        return cls(columns, dataset.timestamp, parts, zone=zone, most_rows=most_rows, is_written=is_written)

    def chosen(self, table: "Table") -> "list[Column[Any]]":
        """Return the columns that are read: all of them where the contract names none that is there."""
        columns = list(table.columns)
        return [c for c in columns if self.is_read is None or self.is_read(c.name)] or columns

    def condition(self, table: "Table", dialect: str) -> "ColumnElement[bool] | None":
        """Return which rows are read; None for all, also where the database cannot compare the event time."""
        from sqlalchemy import and_, false, or_

        column = time_column(table, self.time, dialect)
        if self.windows is None or column is None:
            return None
        inside = []
        for window in self.windows:
            first, last = (clock(moment, kind_of_type(column.type), "UTC") for moment in around(window))
            inside.append(and_(column >= first, column <= last))
        return or_(false(), *inside)

    def samples(self, selected: Any, table: "Table", dialect: str) -> list[Any]:
        """Return the queries for a few rows later than `after`, and a few without a time; none without `after`."""
        column = time_column(table, self.time, dialect)
        if self.after is None or column is None:
            return []
        later = [
            column > clock(self.after, kind_of_type(column.type), self.zone),
            column < clock(LAST - MARGIN, kind_of_type(column.type), "UTC"),
        ]
        return [selected.where(*later).limit(_SAMPLE), selected.where(column.is_(None)).limit(_SAMPLE)]


def time_column(table: "Table", name: str | None, dialect: str) -> "Column[Any] | None":
    """Return the event time's column, where the database has a type for it; SQLite has none."""
    if dialect == "sqlite" or name is None or name not in table.columns:
        return None
    column: Column[Any] = table.columns[name]
    return column if kind_of_type(column.type) in _TIMES else None


def times_query(table: "Table", column: "Column[Any]", end: datetime, latest: datetime, zone: str) -> Any:
    """Return a query for the fields of `Times`."""
    from sqlalchemy import case, func, select

    before, after = _before(end, column, zone), column > clock(latest, kind_of_type(column.type), zone)
    return select(
        func.count(),
        func.count(column),
        func.count(case((after, 1))),
        func.min(column),
        func.max(case((before, column))),
    ).select_from(table)


def _before(end: datetime, column: "Column[Any]", zone: str) -> Any:
    kind = kind_of_type(column.type)
    return column <= last_before(end, kind, zone) if kind == "date" else column < clock(end, kind, zone)


def times_of(row: Sequence[Any], zone: str) -> Times:
    """Return what the database answered, as instants."""
    rows, timed, future, oldest, newest = row
    return Times(int(rows), int(rows) - int(timed), int(future), instant(oldest, zone), instant(newest, zone))
