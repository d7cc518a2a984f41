"""Entity rows with the features as they were known at each row's time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from maestro_ml.features.as_of import EntityTable, as_of
from maestro_ml.features.entity_keys import real_keys
from maestro_ml.features.errors import explained
from maestro_ml.features.feature_rows import key_columns
from maestro_ml.features.source_rows import in_utc, rows_of_source
from maestro_ml.project import MaestroError, RequestError
from maestro_ml.tables import DataError
from maestro_ml.tables.duckdb import connect

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class EntityRows:
    """The rows a caller wants features for: a table, and which of its columns is the time."""

    table: "pa.Table"
    timestamp: str

    @classmethod
    def of(cls, frame: Any, views: Sequence[Any]) -> "EntityRows":
        """Read Feast's `entity_df`; a time without a zone is UTC.

        Raises:
            RequestError: it is no DataFrame, or lacks a key of the views.
            feast.errors.EntityTimestampInferenceException: no column is its time.
        """
        import pandas as pd
        import pyarrow as pa
        from feast.infra.offline_stores.offline_utils import infer_event_timestamp_from_entity_df

        if not isinstance(frame, pd.DataFrame):
            raise RequestError(
                f"features as of a time need entity rows in a pandas DataFrame, not {type(frame).__name__}"
            )
        timestamp = infer_event_timestamp_from_entity_df(dict(frame.dtypes))
        keys = {key for view in views for key in _join_keys(view).values()}
        if missing := sorted(keys - {*frame.columns}):
            raise RequestError(f"the entity rows have no column {', '.join(missing)}, a key of the requested features")
        try:
            in_utc = frame.assign(**{timestamp: pd.to_datetime(frame[timestamp], utc=True)})
            return cls(pa.Table.from_pandas(in_utc, preserve_index=False), timestamp)
        except (pa.ArrowException, ValueError, TypeError) as error:  # a column of texts and numbers, no times, ...
            raise RequestError(f"the entity rows cannot be read: {explained(error)}") from error

    def time_range(self) -> tuple[datetime | None, datetime | None]:
        """Return the first and the last time; None if there is no row."""
        import pyarrow.compute as pc

        ends = pc.min_max(self.table[self.timestamp]).as_py()
        return ends["min"], ends["max"]

    def other_columns(self) -> list[str]:
        """Return the names of all columns but the time."""
        return [name for name in self.table.column_names if name != self.timestamp]

    def keyed(self, keys: Sequence[str]) -> EntityTable:
        """Return the rows in the shape that as_of() takes, with the columns `keys` under the source's names."""
        import pyarrow as pa

        columns = dict(zip(key_columns(keys), (self.table[key] for key in keys), strict=True))
        ordinal = pa.array(range(self.table.num_rows), pa.int64())
        moment = self.table[self.timestamp]
        return EntityTable(pa.table({"ordinal": ordinal, "moment": moment, **columns}), tuple(keys))


def join_views(config: Any, entities: EntityRows, views: Mapping[Any, Sequence[str]], full_names: bool) -> "pa.Table":
    """Append the requested features of each view to the entity rows.

    Raises:
        RequestError: a feature has the name of another column, or keys cannot be compared exactly.
        DataError: a source cannot be read.
    """
    table = entities.table
    for view, features in views.items():
        found = _view_as_of(config, entities, view, features)
        for name, column in zip(features, found.columns, strict=True):
            shown = f"{view.projection.name_to_use()}__{name}" if full_names else name
            if shown in table.column_names:
                raise RequestError(
                    f"the feature {view.name}:{name} has the name of a column of the entity rows; rename that column"
                )
            table = table.append_column(shown, column)
    return table


def created_as_of(config: Any, entities: EntityRows, view: Any) -> "pa.ChunkedArray":
    """Return when the values of a view that each entity row gets were created.

    Raises:
        DataError: the source cannot be read, or the column holds no time.
    """
    import pyarrow as pa

    name = view.batch_source.created_timestamp_column
    created = _view_as_of(config, entities, view, [name])[0]
    if not (pa.types.is_timestamp(created.type) or pa.types.is_date(created.type) or pa.types.is_null(created.type)):
        raise DataError(f"feature view {view.name}: the created timestamp {name} is {created.type}, no time")
    return in_utc(created) if not pa.types.is_null(created.type) else created


def _view_as_of(config: Any, entities: EntityRows, view: Any, features: Sequence[str]) -> "pa.Table":
    source = view.batch_source
    to_file = {mapped: own for own, mapped in source.field_mapping.items()}
    keys = _join_keys(view)
    rows = rows_of_source(
        config,
        source,
        [to_file.get(key, key) for key in keys],
        to_file.get(source.timestamp_field, source.timestamp_field),
        to_file.get(source.created_timestamp_column, source.created_timestamp_column),
    )
    columns = [to_file.get(name, name) for name in features]
    try:
        with connect() as connection:
            return as_of(connection, rows, entities.keyed(list(keys.values())), columns, view.ttl)
    except MaestroError as error:
        error.args = (f"feature view {view.name}: {error}",)
        raise


def _join_keys(view: Any) -> dict[str, str]:
    """Map each key of the view to the entity rows' column for it."""
    names = real_keys(column.name for column in view.entity_columns)
    return {name: view.projection.join_key_map.get(name, name) for name in names}
