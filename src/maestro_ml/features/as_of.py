"""The point-in-time join: features as they were known at the time of each entity row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from maestro_ml.features.feature_rows import FeatureRows, key_columns
from maestro_ml.features.keys import common_key, inexact_keys, key_sql
from maestro_ml.project import RequestError
from maestro_ml.sql.instants import TimeSql
from maestro_ml.sql.types import kind_of

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class EntityTable:
    """Entity rows that get features.

    Attributes:
        table: `ordinal` from 0, `moment`, and key_0 and so on in the order of the source's keys.
        keys: what the caller calls the keys.
    """

    table: "pa.Table"
    keys: tuple[str, ...]

    def earliest_and_latest(self) -> tuple[datetime, datetime] | None:
        """Return the range of the rows' times, widened to whole microseconds; None if no row has one."""
        import pyarrow as pa
        import pyarrow.compute as pc

        times = self.table["moment"].cast(pa.timestamp("us", "UTC"), safe=False)
        ends = pc.min_max(times).as_py()
        return (ends["min"], ends["max"]) if ends["min"] else None


def as_of(
    connection: "DuckDBPyConnection",
    source: FeatureRows,
    entities: EntityTable,
    features: Sequence[str],
    ttl: timedelta | None,
) -> "pa.Table":
    """Return the columns `features` as they were known at each entity row: one row for each, in their order.

    Times are compared to the nanosecond, keys by value. A row whose key or time is not there knows nothing.

    Args:
        connection: a DuckDB of its own.
        source: where the features are.
        entities: the entity rows.
        features: columns of the file.
        ttl: a value older than this is unknown (null); one exactly this old still counts. None or zero: any age.

    Raises:
        RequestError: keys are of types that cannot be compared exactly.
        DataError: the source cannot be read, or lacks a column.
    """
    start, end = _range(entities, ttl)
    rows = source.between(connection, features, start, end)
    entity_rows = connection.from_arrow(entities.table)
    known_keys, entity_keys = _common_keys(source, entities, rows, entity_rows)
    unit = "ns" if any(str(_type(each, "moment")).endswith("_NS") for each in (rows, entity_rows)) else "us"

    exact = rows.project(", ".join([f"* EXCLUDE (moment), {_ticks(rows, unit)} AS moment", *known_keys]))
    newest = source.newest(exact, *(f"common_{i}" for i in range(len(entities.keys))), "moment")
    newest.create_view("known", replace=True)
    entity_rows.project(", ".join([f"ordinal, {_ticks(entity_rows, unit)} AS moment", *entity_keys])).create_view(
        "entities", replace=True
    )

    fresh = f"known.moment >= entities.moment - {_count(ttl, unit)}" if ttl else "true"
    values = [f"CASE WHEN {fresh} THEN known.feature_{i} END AS feature_{i}" for i in range(len(features))]
    same = [f"entities.common_{i} = known.common_{i}" for i in range(len(entities.keys))]
    on = " AND ".join([*same, "entities.moment >= known.moment"])
    return connection.sql(
        f"SELECT {', '.join(values)} FROM entities ASOF LEFT JOIN known ON {on} ORDER BY entities.ordinal"  # noqa: S608
    ).to_arrow_table()


def _range(entities: EntityTable, ttl: timedelta | None) -> tuple[datetime, datetime]:
    """Return the range of times of the source's rows that can be used."""
    found = entities.earliest_and_latest()
    if found is None:
        return datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
    first, last = found
    earliest = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
    reach = first - earliest
    start = first - ttl - _MICROSECOND if ttl and ttl + _MICROSECOND < reach else earliest
    return start, last


def _common_keys(
    source: FeatureRows, entities: EntityTable, rows: "DuckDBPyRelation", entity_rows: "DuckDBPyRelation"
) -> tuple[list[str], list[str]]:
    pairs = []
    for i, (own, theirs) in enumerate(zip(source.keys, entities.keys, strict=True)):
        name = key_columns(source.keys)[i]
        known, wanted = _type(rows, name), _type(entity_rows, name)
        common = common_key(known, wanted)
        places = f"the key {own} of {source.uri} is {known}", f"the key {theirs} of the entity rows is {wanted}"
        if common is None:
            raise RequestError(f"{places[0]}, {places[1]}; store both in one type, which holds both exactly")
        for place, relation, stored in zip(places, (rows, entity_rows), (known, wanted), strict=True):
            if wrong := inexact_keys(relation, name, stored, common):
                raise RequestError(f"{place} and {wrong}; store it as an integer or a text")
        pairs.append([f"{key_sql(name, stored, common)} AS common_{i}" for stored in (known, wanted)])
    return [known for known, _ in pairs], [wanted for _, wanted in pairs]


def _type(relation: "DuckDBPyRelation", column: str) -> str:
    return str(relation.types[relation.columns.index(column)])


def _ticks(relation: "DuckDBPyRelation", unit: str) -> str:
    stored = _type(relation, "moment")
    if kind_of(stored) == "null":
        return "NULL::BIGINT"
    time = TimeSql("moment", stored, "UTC")
    return time.nanoseconds(local=False) if unit == "ns" else f"epoch_us({time.floor})"


def _count(length: timedelta, unit: str) -> int:
    microseconds = length // _MICROSECOND
    return microseconds * 1000 if unit == "ns" else microseconds
