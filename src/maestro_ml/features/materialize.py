"""From the offline to the online store, view by view."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from maestro_ml.features.errors import feast_call
from maestro_ml.features.offline import last_moment, latest_in_window
from maestro_ml.features.store import OpenStore
from maestro_ml.project import Window

# Feast converts a batch to Protobuf before it writes: 1M rows at once take 8 GB, in batches of this size 0.9 GB.
_BATCH_ROWS = 10_000


class MaterializedView(BaseModel):
    """What went online: one row for each entity key, and how old the newest was at the window's end, in seconds."""

    view: str
    rows: int
    staleness_seconds: float | None  # None: no row in the window


def materialize(
    store: OpenStore, views: list[Any], window: Window, progress: Callable[[str], None]
) -> list[MaterializedView]:
    """Write the newest row of each entity key in the window to the online store.

    Raises:
        FeatureStoreError: a source or the online store failed; views before it are done.
    """
    done = []
    for number, view in enumerate(views, 1):
        found = _offline_state(store, view, window)
        progress(f"{number}/{len(views)} {view.name}: {found.rows:,} keys")
        _tune(store, view)
        with feast_call(f"materializing {view.name} to the {store.online_type} online store"):
            store.feast.materialize(window.start, last_moment(window), [view.name])
        done.append(found)
    return done


def _offline_state(store: OpenStore, view: Any, window: Window) -> MaterializedView:
    import pyarrow.compute as pc

    rows = latest_in_window(store, view, window, only_keys=True)
    newest = pc.max(rows[view.batch_source.timestamp_field]).as_py()
    age = (window.end - newest).total_seconds() if newest else None
    return MaterializedView(view=view.name, rows=rows.num_rows, staleness_seconds=age)


def _tune(store: OpenStore, view: Any) -> None:
    """Feast's settings are for all views: only a view that aggregates needs more than the newest row of a key."""
    settings = store.feast.config.materialization_config
    settings.online_write_batch_size = settings.online_write_batch_size or _BATCH_ROWS
    settings.pull_latest_features = not (
        getattr(view, "aggregations", None) or getattr(view, "feature_transformation", None)
    )
