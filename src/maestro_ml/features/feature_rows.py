"""Rows of a Feast file source in DuckDB, and the two questions an offline store answers about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from maestro_ml.data.identifiers import quoted, timestamp_literal
from maestro_ml.data.sources import read_parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

# Our own columns beside those of the user
EVENT_TIME = "__event_time"
ROW = "__row"
_POSITION = "__position"
_RANK = "__rank"
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class FeatureRows:
    """A Parquet source with keys and an event timestamp; every name is the file's own.

    `created` is the column that decides between two rows of the same key and time; without one the later row in the
    file does. A timestamp without a zone is UTC.
    """

    uri: str
    keys: tuple[str, ...]
    timestamp: str
    created: str | None = None
    storage_options: Mapping[str, Any] | None = None  # of its fsspec filesystem

    def scan(self, connection: "DuckDBPyConnection") -> "DuckDBPyRelation":
        """The whole table, lazily. Raises DataError if there is none."""
        return read_parquet(connection, self.uri, self.storage_options)

    def between(
        self, connection: "DuckDBPyConnection", start: datetime | None, end: datetime | None
    ) -> "DuckDBPyRelation":
        """The rows from `start` to `end`, both included, with their EVENT_TIME and position."""
        time = f"{quoted(self.timestamp)}::TIMESTAMPTZ"
        rows = self.scan(connection)
        if start:
            rows = rows.filter(f"{time} >= {timestamp_literal(start)}")
        if end:
            rows = rows.filter(f"{time} <= {timestamp_literal(end)}")
        return rows.project(f"*, {time} AS {EVENT_TIME}, row_number() OVER () AS {_POSITION}")

    def newest(self, rows: "DuckDBPyRelation", partition: Sequence[str]) -> "DuckDBPyRelation":
        """One row of each partition: the newest, and among those the last one created."""
        created = f"{quoted(self.created)} DESC NULLS LAST, " if self.created else ""
        by = f"PARTITION BY {', '.join(partition)}" if partition else ""
        order = f"{by} ORDER BY {EVENT_TIME} DESC, {created}{_POSITION} DESC"
        return rows.project(f"*, row_number() OVER ({order}) AS {_RANK}").filter(f"{_RANK} = 1")

    def latest(
        self, connection: "DuckDBPyConnection", start: datetime | None, end: datetime | None
    ) -> "DuckDBPyRelation":
        """The newest row of each key in `[start, end]`, ordered by key."""
        keys = [quoted(key) for key in self.keys]
        rows = self.newest(self.between(connection, start, end), keys)
        return rows.order(", ".join(keys)) if keys else rows

    def as_of(
        self,
        connection: "DuckDBPyConnection",
        entities: "DuckDBPyRelation",
        features: Sequence[str],
        ttl: timedelta | None,
    ) -> "DuckDBPyRelation":
        """The columns `features` as they were known at each entity row: a row for each, in the order of ROW.

        Args:
            connection: where the relations live.
            entities: ROW, EVENT_TIME and the keys, named as key_columns() says.
            features: columns of the file; the answer calls them feature_0 and so on.
            ttl: a value older than this is unknown (null); one exactly this old still counts. None or zero: any age.
        """
        [(first, last)] = entities.aggregate(f"min({EVENT_TIME}), max({EVENT_TIME})").fetchall()
        rows = self.between(connection, first - ttl if first and ttl else None, last)
        keys = [quoted(key) for key in self.keys]
        rows = self.newest(rows, [*keys, EVENT_TIME])
        selected = [f"{key} AS {alias}" for key, alias in zip(keys, key_columns(self.keys), strict=True)]
        selected += [f"{quoted(name)} AS feature_{i}" for i, name in enumerate(features)]
        rows.project(", ".join([EVENT_TIME, *selected])).create_view("known", replace=True)
        entities.create_view("entities", replace=True)

        oldest = f"entities.{EVENT_TIME} - to_microseconds({ttl // _MICROSECOND})" if ttl else None
        fresh = f"known.{EVENT_TIME} >= {oldest}" if oldest else "true"
        values = [f"CASE WHEN {fresh} THEN known.feature_{i} END AS feature_{i}" for i in range(len(features))]
        same = [f"entities.{key} = known.{key}" for key in key_columns(self.keys)]
        on = " AND ".join([*same, f"entities.{EVENT_TIME} >= known.{EVENT_TIME}"])
        return connection.sql(
            f"SELECT {', '.join(values)} FROM entities ASOF LEFT JOIN known ON {on} ORDER BY entities.{ROW}"  # noqa: S608
        )


def key_columns(keys: Sequence[str]) -> list[str]:
    """What as_of() calls the key columns of the entity rows, in the order of the source's keys."""
    return [f"key_{i}" for i in range(len(keys))]
