"""Write to the online store without replacing newer values, and clear values past their ttl."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_ml.features.online_values import entity_keys, storable, without_keyless_rows
from maestro_ml.project import RequestError

if TYPE_CHECKING:
    import pyarrow as pa

# Feast converts a batch to Protobuf before it writes: 1M rows at once take 8 GB, in batches of this size 0.9 GB.
BATCH_ROWS = 10_000


class Row(NamedTuple):
    """A row as Feast's online stores take it; times are UTC without a zone."""

    key: Any
    values: dict[str, Any]
    at: datetime
    created: datetime | None


class OnlineRow(NamedTuple):
    """A key's row in the online store."""

    at: datetime
    values: dict[str, Any]

    @property
    def is_empty(self) -> bool:
        """Whether every feature is null."""
        return not any(value.WhichOneof("val") for value in self.values.values())

    @property
    def is_missing(self) -> bool:
        """Whether it is Redis' answer for a key it does not have."""
        return self.at == _EPOCH and self.is_empty


@dataclass(frozen=True)
class Written:
    """The number of a view's rows, and of those that were not written as they are."""

    rows: int = 0
    kept: int = 0  # the online store has a newer value
    expired: int = 0  # past the view's ttl at the end of the range
    keyless: int = 0
    cleared: int = 0  # keys beyond the range, whose value online was past the ttl
    newest: datetime | None = None


def write_newest(config: Any, online_store: Any, view: Any, table: "pa.Table", end: datetime) -> Written:
    """Write the rows of a view that are as new as what is online, or newer.

    A value that is past the view's ttl at `end` is not written; where it is online already, it becomes null, as
    training sees it.

    Args:
        config: Feast's RepoConfig.
        online_store: any of Feast's.
        view: a feature view.
        table: its keys, features and timestamps, named as in the view.
        end: the end of the range the rows were taken from.

    Raises:
        RequestError: the columns are not what the view declares; nothing was written.
    """
    import pyarrow.compute as pc

    keys = [field.name for field in view.entity_columns]
    keyed = without_keyless_rows(table, keys)
    done = Written(keyed.num_rows, keyless=table.num_rows - keyed.num_rows)
    if not keyed.num_rows:
        return done
    keyed = _in_microseconds(storable(keyed, view), view.batch_source)
    done = replace(done, newest=pc.max(keyed[view.batch_source.timestamp_field]).as_py())
    oldest = _naive(end) - view.ttl if view.ttl else None
    size = config.materialization_config.online_write_batch_size or BATCH_ROWS
    with _every_row_written(config.online_store):
        for batch in keyed.to_batches(max_chunksize=size):
            rows = _newest_of_each_key(_as_protobuf(batch, view))
            done = _write(config, online_store, view, rows, oldest, done)
    return done


def clear_expired(config: Any, online_store: Any, view: Any, table: "pa.Table", oldest: datetime) -> int:
    """Make null what is online of the keys in `table` and older than `oldest`; returns of how many keys."""
    from feast.protos.feast.types.Value_pb2 import Value

    keys = entity_keys(without_keyless_rows(table, [field.name for field in view.entity_columns]), view)
    nothing = {feature.name: Value() for feature in view.features}
    cleared = 0
    with _every_row_written(config.online_store):
        for start in range(0, len(keys), BATCH_ROWS):
            batch = keys[start : start + BATCH_ROWS]
            found = zip(batch, read_rows(config, online_store, view, batch), strict=True)
            old = [
                Row(key, nothing, there.at, None)
                for key, there in found
                if there and not there.is_empty and there.at < _naive(oldest)
            ]
            if old:
                online_store.online_write_batch(config, view, old, None)
            cleared += len(old)
    return cleared


def read_rows(
    config: Any, online_store: Any, view: Any, keys: Sequence[Any], names: Sequence[str] | None = None
) -> list[OnlineRow | None]:
    """Read all features, or those named, of each key from the online store; None for a key that is not there."""
    names = names or [feature.name for feature in view.features]
    found: list[OnlineRow | None] = []
    for start in range(0, len(keys), BATCH_ROWS):
        # a copy: Feast's Redis store appends to the list
        for at, values in online_store.online_read(config, view, list(keys[start : start + BATCH_ROWS]), [*names]):
            found.append(OnlineRow(_written(online_store, at), values) if at else None)
    return found


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without a zone, as all times here


def _written(online_store: Any, at: datetime) -> datetime:
    """Return the time that was written, in UTC: the PostgreSQL store interprets and shows it in the session's zone."""
    if at.tzinfo is None or type(online_store).__name__ == "PostgreSQLOnlineStore":
        return at.replace(tzinfo=None)
    return _naive(at)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


@contextmanager
def _every_row_written(online_config: Any) -> Iterator[None]:
    """Make Feast's Redis store write rows whose time is online already, or a corrected value would never arrive."""
    if getattr(online_config, "skip_dedup", True):
        yield
        return
    online_config.skip_dedup = True
    try:
        yield
    finally:
        online_config.skip_dedup = False


def _write(
    config: Any, online_store: Any, view: Any, rows: list[Row], oldest: datetime | None, done: Written
) -> Written:
    from feast.protos.feast.types.Value_pb2 import Value

    write, kept, expired = [], 0, 0
    for row, there in zip(rows, _online(config, online_store, view, rows, oldest), strict=True):
        if there and there.at > row.at:
            kept += 1
        elif oldest and row.at < oldest:
            expired += 1
            if there and not there.is_empty:
                write.append(row._replace(values={name: Value() for name in row.values}))
        elif not there or there != (row.at, row.values):
            write.append(row)
    if write:
        online_store.online_write_batch(config, view, write, None)
    return replace(done, kept=done.kept + kept, expired=done.expired + expired)


def _online(
    config: Any, online_store: Any, view: Any, rows: list[Row], oldest: datetime | None
) -> list[OnlineRow | None]:
    """Read what is online of each row's key; only its time if that decides, because reading values costs most."""
    names = [feature.name for feature in view.features]
    found = read_rows(config, online_store, view, [row.key for row in rows], names[:1])

    def undecided(row: Row, there: OnlineRow | None) -> bool:
        if there is None:  # the first feature may be new
            return len(names) > 1
        same = there.at == row.at or (oldest is not None and row.at < oldest)
        return same and not there.is_missing and len(there.values) < len(names)

    again = [i for i, pair in enumerate(zip(rows, found, strict=True)) if undecided(*pair)]
    whole = read_rows(config, online_store, view, [rows[i].key for i in again])
    for i, there in zip(again, whole, strict=True):
        found[i] = there
    return [None if there is None or there.is_missing else there for there in found]


def _in_microseconds(table: "pa.Table", source: Any) -> "pa.Table":
    """Round times down to microseconds: Python's times and Feast's stores have no nanoseconds."""
    import pyarrow as pa

    for name in (source.timestamp_field, source.created_timestamp_column):
        if name and pa.types.is_timestamp(table[name].type):
            column = table[name].cast(pa.timestamp("us", table[name].type.tz), safe=False)
            table = table.set_column(table.column_names.index(name), name, column)
    return table


def _as_protobuf(batch: "pa.RecordBatch", view: Any) -> list[Row]:
    from feast.utils import _convert_arrow_to_proto

    keys = {field.name: field.dtype.to_value_type() for field in view.entity_columns}
    try:
        return [Row(*row) for row in _convert_arrow_to_proto(batch, view, keys)]
    except Exception as error:  # whatever a value's conversion raises
        columns = keys | {field.name: field.dtype.to_value_type() for field in view.features}
        raise _explained(batch, view, columns) or error from error


def _explained(batch: "pa.RecordBatch", view: Any, columns: dict[str, Any]) -> RequestError | None:
    """Find the column that Feast cannot convert."""
    from feast.type_map import python_values_to_proto_values

    for name, declared in columns.items():
        column = batch.column(name)
        try:
            python_values_to_proto_values(column.to_numpy(zero_copy_only=False), declared)
        except Exception:  # its text may hold a value
            return RequestError(
                f"feature view {view.name}: the column {name} of its source is {column.type}, which Feast cannot write "
                f"as {declared.name}; declare what it holds"
            )
    return None


def _newest_of_each_key(rows: list[Row]) -> list[Row]:
    """Keep one row of each key after a transformation: the newest, then the one created last, then the last one."""
    newest: dict[bytes, Row] = {}
    for row in rows:
        key = row.key.SerializeToString(deterministic=True)
        other = newest.get(key)
        if other is None or (row.at, row.created or _EPOCH) >= (other.at, other.created or _EPOCH):
            newest[key] = row
    return [*newest.values()]
