"""What the offline store holds of a view, whichever offline store it is."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from maestro_ml.features.errors import feast_call
from maestro_ml.features.store import OpenStore
from maestro_ml.project import Window

if TYPE_CHECKING:
    import pyarrow as pa

# Feast's ranges include both ends, ours the first only
_TICK = timedelta(microseconds=1)


def last_moment(window: Window) -> Any:
    """The window's last microsecond: the end of a range that includes it."""
    return window.end - _TICK


def latest_in_window(store: OpenStore, view: Any, window: Window, *, only_keys: bool = False) -> "pa.Table":
    """The newest row of each key in the window: keys, timestamp, and the features unless `only_keys`.

    Columns have the names of the view, the timestamp that of its source.

    Raises:
        FeatureStoreError: the source cannot be read.
    """
    from feast.utils import _get_column_names, _run_pyarrow_field_mapping

    with feast_call(f"reading the source of the feature view {view.name}"):
        entities = [store.feast.get_entity(name, allow_registry_cache=True) for name in view.entities]
        keys, features, timestamp, created = _get_column_names(view, entities)
        table = store.provider.offline_store.pull_latest_from_table_or_query(
            config=store.feast.config,
            data_source=view.batch_source,
            join_key_columns=keys,
            feature_name_columns=(keys or [timestamp]) if only_keys else features,
            timestamp_field=timestamp,
            created_timestamp_column=created,
            start_date=window.start,
            end_date=last_moment(window),
        ).to_arrow()
        return _run_pyarrow_field_mapping(table, view.batch_source.field_mapping)
