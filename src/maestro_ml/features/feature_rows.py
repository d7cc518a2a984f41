"""Rows of a Feast file source in DuckDB, and the two queries of an offline store."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import WrongSource
from maestro_ml.project import Window
from maestro_ml.sql.identifiers import quoted, timestamp_literal
from maestro_ml.sql.instants import TimeSql, around
from maestro_ml.sql.types import kind_of
from maestro_ml.tables.sources.scan import read_parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class FeatureRows:
    """A Parquet source with keys and an event timestamp; every name is the file's own.

    `created` is the column that decides between two rows of the same key and time; without one the later row in the
    file does. A timestamp without a zone is UTC.

    The relations these methods give have names of ours only, whatever the file's are: `moment`, and key_0, feature_0
    and so on in the order asked for.
    """

    uri: str
    keys: tuple[str, ...]
    timestamp: str
    created: str | None = None
    storage_options: Mapping[str, Any] | None = None  # of its fsspec filesystem

    def scan(self, connection: "DuckDBPyConnection") -> "DuckDBPyRelation":
        """Scan the whole table lazily; raise DataError if there is none."""
        return read_parquet(connection, self.uri, self.storage_options, (self.timestamp, *self.keys))

    def between(
        self,
        connection: "DuckDBPyConnection",
        features: Sequence[str],
        start: datetime | None,
        end: datetime | None,
    ) -> "DuckDBPyRelation":
        """Select the rows from `start` to `end`, both included to the microsecond.

        `created`, where there is one, and the row's `place` in the file stand beside them.

        Raises:
            WrongSource: a column is not there, or the timestamp holds no time.
        """
        rows = self.scan(connection)
        stored = dict(zip(rows.columns, map(str, rows.types), strict=True))
        self._expect(stored, features)
        columns = [f"{quoted(self.timestamp)} AS moment", "row_number() OVER () AS place"]
        columns += [f"{quoted(name)} AS key_{i}" for i, name in enumerate(self.keys)]
        columns += [f"{quoted(name)} AS feature_{i}" for i, name in enumerate(features)]
        if self.created:
            columns.append(f"{quoted(self.created)} AS created")
        return rows.filter(self._inside(stored[self.timestamp], start, end)).project(", ".join(columns))

    def newest(self, rows: "DuckDBPyRelation", *partition: str) -> "DuckDBPyRelation":
        """Select one row of each partition: the newest, and of equally new rows the one created last."""
        created = "created DESC NULLS LAST, " if self.created else ""
        by = f"PARTITION BY {', '.join(partition)}" if partition else ""
        order = f"{by} ORDER BY moment DESC, {created}place DESC"
        return rows.project(f"*, row_number() OVER ({order}) AS nth").filter("nth = 1")

    def latest(
        self,
        connection: "DuckDBPyConnection",
        features: Sequence[str],
        start: datetime | None,
        end: datetime | None,
    ) -> "DuckDBPyRelation":
        """Select the newest row of each key from `start` to `end`, ordered by key; raise as between() does."""
        keys = key_columns(self.keys)
        rows = self.newest(self.between(connection, features, start, end), *keys)
        return rows.order(", ".join(keys)) if keys else rows

    def _expect(self, stored: Mapping[str, str], features: Sequence[str]) -> None:
        names = [*self.keys, self.timestamp, *([self.created] if self.created else []), *features]
        if missing := missing_columns(names, stored):
            raise WrongSource(f"{self.uri} {missing}")
        if kind_of(stored[self.timestamp]) not in ("timestamp", "date", "null"):
            raise WrongSource(f"{self.uri}: the timestamp column {self.timestamp} is {stored[self.timestamp]}, no time")

    def _inside(self, stored: str, start: datetime | None, end: datetime | None) -> str:
        column = quoted(self.timestamp)
        if kind_of(stored) == "null":
            return "false"
        time = TimeSql(column, stored, "UTC").floor
        inside = [f"{column} IS NOT NULL"]
        inside += [f"{time} >= {timestamp_literal(start)}"] if start else []
        inside += [f"{time} <= {timestamp_literal(end)}"] if end else []
        if end and kind_of(stored) == "timestamp":
            # Parquet's statistics prune only by the bare column; the exact comparison is added to it.
            first, last = around(Window(start or _FIRST, max(end, start or _FIRST) + _MICROSECOND), stored)
            inside.append(f"{column} BETWEEN '{first}'::{stored} AND '{last}'::{stored}")
        return " AND ".join(inside)


def missing_columns(names: Iterable[str], there: Collection[str]) -> str | None:
    """Return the end of a sentence that lists the names that are not columns; None if all are."""
    missing = [name for name in dict.fromkeys(names) if name not in there]
    if not missing:
        return None
    return f"has no column {', '.join(missing)}; there are: {', '.join(there)}"


def key_columns(keys: Sequence[str]) -> list[str]:
    """Return the names of the key columns in relations, in their order."""
    return [f"key_{i}" for i in range(len(keys))]
