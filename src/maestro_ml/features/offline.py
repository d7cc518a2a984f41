"""Read a view's rows from any offline store."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from maestro_ml.features.errors import feast_call
from maestro_ml.features.online_values import without_keyless_rows
from maestro_ml.features.store import OpenStore
from maestro_ml.project import Window

if TYPE_CHECKING:
    import pyarrow as pa

# Feast's ranges include both ends, ours only the start
TICK = timedelta(microseconds=1)


def last_moment(window: Window) -> Any:
    """Return the window's last microsecond: the end of a range that includes its end."""
    return window.end - TICK


def latest_in_window(store: OpenStore, view: Any, window: Window, *, only_keys: bool = False) -> "pa.Table":
    """Read the newest row of each key in the window: keys, timestamp, and the features unless `only_keys`.

    Columns have the names of the view, the timestamp that of its source.

    Raises:
        FeatureStoreError: the source cannot be read.
    """
    keys, features, timestamp, created = _columns(store, view)
    wanted = (keys or [timestamp]) if only_keys else features
    return _pulled(store, view, window, "pull_latest_from_table_or_query", (keys, wanted, timestamp, created))


def all_in_window(store: OpenStore, view: Any, window: Window) -> "pa.Table":
    """Read every row of the window, with the columns of latest_in_window.

    Raises:
        FeatureStoreError: the source cannot be read.
    """
    return _pulled(store, view, window, "pull_all_from_table_or_query", _columns(store, view))


def keyless_in_window(store: OpenStore, view: Any, window: Window) -> int:
    """Count the rows of the window that lack an entity key.

    Raises:
        FeatureStoreError: the source cannot be read.
    """
    keys, _, timestamp, created = _columns(store, view)
    rows = _pulled(store, view, window, "pull_all_from_table_or_query", (keys, keys, timestamp, created))
    keyed = without_keyless_rows(rows, [field.name for field in view.entity_columns])
    return int(rows.num_rows - keyed.num_rows)


def _columns(store: OpenStore, view: Any) -> tuple[list[str], list[str], str, str | None]:
    """Return keys, features, timestamp and created timestamp under the source's own names."""
    from feast.utils import _get_column_names

    with feast_call(f"reading the entities of the feature view {view.name}"):
        entities = [store.feast.get_entity(name, allow_registry_cache=True) for name in view.entities]
        keys, features, timestamp, created = _get_column_names(view, entities)
    return keys, features, timestamp, created


def _pulled(
    store: OpenStore, view: Any, window: Window, pull: str, columns: tuple[list[str], Sequence[str], str, str | None]
) -> "pa.Table":
    from feast.utils import _run_pyarrow_field_mapping

    keys, features, timestamp, created = columns
    with feast_call(f"reading the source of the feature view {view.name}"):
        table = getattr(store.provider.offline_store, pull)(
            config=store.feast.config,
            data_source=view.batch_source,
            join_key_columns=keys,
            feature_name_columns=list(features),
            timestamp_field=timestamp,
            created_timestamp_column=created,
            start_date=window.start,
            end_date=last_moment(window),
        ).to_arrow()
        return _run_pyarrow_field_mapping(table, view.batch_source.field_mapping)
