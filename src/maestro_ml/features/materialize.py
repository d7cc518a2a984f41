"""Materialize: from the offline to the online store, view by view."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from maestro_ml.features.errors import feast_call
from maestro_ml.features.newest_rows import BATCH_ROWS, Written
from maestro_ml.features.offline import keyless_in_window, last_moment, latest_in_window
from maestro_ml.features.source_rows import file_of
from maestro_ml.features.store import OpenStore
from maestro_ml.project import Window


class MaterializedView(BaseModel, defer_build=True):
    """What went online: the newest row of each entity key, and counts of the exceptions.

    `rows`: keys in the window. `kept`: keys whose value online is newer, and stays. `expired`: keys whose newest value
    is past the view's ttl at the window's end; none of theirs is online. `cleared`: keys without a row in the window,
    whose value online has passed its ttl since the last run and is null now. `keyless`: rows without an entity key.
    `staleness_seconds`: the age of the newest row at the window's end; None where there is none.
    `source`: the file that was read; None where the source is a table.
    """

    view: str
    rows: int
    kept: int = 0
    expired: int = 0
    cleared: int = 0
    keyless: int = 0
    keys: list[str] = []
    staleness_seconds: float | None
    source: str | None = None

    def remarks(self) -> list[str]:
        """Return a sentence for each kind of row or key that was not written."""
        sentences = {
            f"{self.keyless:,} {_rows(self.keyless)} without {' or '.join(self.keys)} left out": self.keyless,
            f"{self.kept:,} of {self.rows:,} keys have a newer value online, which stays": self.kept,
            f"{self.expired:,} of {self.rows:,} keys have only values past the view's ttl, which do not go online": (
                self.expired
            ),
            f"{self.cleared:,} values of keys without a row in the window passed the view's ttl and were cleared": (
                self.cleared
            ),
        }
        return [f"{self.view}: {sentence}" for sentence, count in sentences.items() if count]


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def materialize(
    store: OpenStore, views: list[Any], window: Window, progress: Callable[[str], None]
) -> list[MaterializedView]:
    """Write the newest row of each entity key in the window to the online store, unless a newer one is there.

    Raises:
        RequestError: a source's columns are not what its view declares; views before it are done.
        FeatureStoreError: a source or the online store failed; views before it are done.
    """
    done = []
    for number, view in enumerate(views, 1):
        progress(f"{number}/{len(views)} {view.name}")
        _tune(store, view)
        with feast_call(f"materializing {view.name} to the {store.online_type} online store"):
            store.feast.materialize(window.start, last_moment(window), [view.name])
        written = _written(store, view, window)
        age = (window.end - written.newest).total_seconds() if written.newest else None
        found = MaterializedView(
            view=view.name,
            rows=written.rows,
            kept=written.kept,
            expired=written.expired,
            cleared=written.cleared,
            keyless=written.keyless,
            keys=list(view.join_keys),
            staleness_seconds=age,
            source=file_of(store.feast.config, view.batch_source),
        )
        progress("; ".join([f"{view.name}: {found.rows:,} keys", *found.remarks()]))
        done.append(found)
    return done


def _written(store: OpenStore, view: Any, window: Window) -> Written:
    """Return the counts of our engine; for a team's own engine, which reports none, count the source's rows."""
    import pyarrow.compute as pc

    written: Written | None = getattr(store.provider.batch_engine, "written", {}).pop(view.name, None)
    if written is None:
        rows = latest_in_window(store, view, window, only_keys=True)
        return Written(rows.num_rows, newest=pc.max(rows[view.batch_source.timestamp_field]).as_py())
    return replace(written, keyless=keyless_in_window(store, view, window)) if written.keyless else written


def _tune(store: OpenStore, view: Any) -> None:
    """Adapt Feast's settings to the view: only one that aggregates needs more than each key's newest row."""
    settings = store.feast.config.materialization_config
    settings.online_write_batch_size = settings.online_write_batch_size or BATCH_ROWS
    settings.pull_latest_features = not (
        getattr(view, "aggregations", None) or getattr(view, "feature_transformation", None)
    )
