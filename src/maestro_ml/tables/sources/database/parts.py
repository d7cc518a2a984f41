"""Which columns and rows of a database's table are read, and what the database itself counts of the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from maestro_ml.checks.base import BaseCheck
from maestro_ml.core.window import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.tables.sources.database.types import kind_of_type
from maestro_ml.tables.sources.times import Times

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Table

_MARGIN = timedelta(days=2)  # more than clocks differ
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
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
    """

    is_read: Callable[[str], bool] | None = None
    time: str | None = None
    windows: tuple[Window, ...] | None = None
    after: datetime | None = None
    zone: str = "UTC"

    @classmethod
    def of(cls, dataset: Dataset, windows: Sequence[Window] | None) -> "Part":
        """Return what the contract names, and what lies in the windows."""
        checks = (check for check in dataset.checks if isinstance(check, BaseCheck))
        everything = not dataset.columns or any(check.reads_every_column for check in checks)
        named = {name.lower() for name in (*dataset.columns, *dataset.used_columns())}

        def is_read(name: str) -> bool:
            return name.lower() in named or dataset.column(name) is not None

        zone = dataset.timezone or "UTC"
        columns = None if everything else is_read
        return cls(columns, dataset.timestamp, None if windows is None else tuple(windows), zone=zone)

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
            first = _bound(max(window.start, _FIRST + _MARGIN) - _MARGIN, column)
            last = _bound(min(window.end, _LAST - _MARGIN) + _MARGIN, column)
            inside.append(and_(column >= first, column <= last))
        return or_(false(), *inside)

    def samples(self, selected: Any, table: "Table", dialect: str) -> list[Any]:
        """Return the queries for a few rows later than `after`, and a few without a time; none without `after`."""
        column = time_column(table, self.time, dialect)
        if self.after is None or column is None:
            return []
        later = [column > _clock(self.after, column, self.zone), column < _bound(_LAST - _MARGIN, column)]
        return [selected.where(*later).limit(_SAMPLE), selected.where(column.is_(None)).limit(_SAMPLE)]


def time_column(table: "Table", name: str | None, dialect: str) -> "Column[Any] | None":
    """Return the event time's column, where the database has a type for it; SQLite has none."""
    if dialect == "sqlite" or name is None or name not in table.columns:
        return None
    column: Column[Any] = table.columns[name]
    return column if kind_of_type(column.type) in _TIMES else None


def _bound(moment: datetime, column: "Column[Any]") -> Any:
    match kind_of_type(column.type):
        case "instant":
            return moment
        case "date":
            return moment.date()
        case _:
            return moment.replace(tzinfo=None)


def times_query(table: "Table", column: "Column[Any]", end: datetime, latest: datetime, zone: str) -> Any:
    """Return a query for the fields of `Times`."""
    from sqlalchemy import case, func, select

    before, after = _before(end, column, zone), column > _clock(latest, column, zone)
    return select(
        func.count(),
        func.count(column),
        func.count(case((after, 1))),
        func.min(column),
        func.max(case((before, column))),
    ).select_from(table)


def _before(end: datetime, column: "Column[Any]", zone: str) -> Any:
    if kind_of_type(column.type) == "date":  # whose time is midnight
        return column <= (_local(end, zone) - timedelta(microseconds=1)).date()
    return column < _clock(end, column, zone)


def _clock(moment: datetime, column: "Column[Any]", zone: str) -> Any:
    match kind_of_type(column.type):
        case "instant":
            return moment
        case "date":
            return _local(moment, zone).date()
        case _:
            return _local(moment, zone)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def times_of(row: Sequence[Any], zone: str) -> Times:
    """Return what the database answered, as instants."""
    rows, timed, future, oldest, newest = row
    return Times(int(rows), int(rows) - int(timed), int(future), _instant(oldest, zone), _instant(newest, zone))


def _instant(value: Any, zone: str) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, date):  # such as text, where a driver has no other way to write the year 0
        raise ValueError(f"{value!r} is no time")  # noqa: TRY004 - the database is to blame, not the caller
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
