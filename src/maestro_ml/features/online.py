"""Is what was materialized really there? Sampled keys, read back and compared value by value."""

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from maestro_ml.features.errors import feast_call
from maestro_ml.features.offline import latest_in_window
from maestro_ml.features.store import OpenStore
from maestro_ml.project import Window

if TYPE_CHECKING:
    import pyarrow as pa

# Feast may keep float64 as float32, and times as whole seconds
_RELATIVE, _SECONDS = 1e-6, 1
_EXAMPLES = 5


class ViewAvailability(BaseModel):
    """How many of the sampled keys are online with the offline values.

    `missing`: not there. `stale`: there, but older, or with another value. A newer row counts as available.
    """

    view: str
    sampled: int
    missing: int
    stale: int
    examples: list[str] = []  # of what is wrong

    @property
    def missing_share(self) -> float:
        return self.missing / self.sampled if self.sampled else 0.0

    @property
    def stale_share(self) -> float:
        return self.stale / self.sampled if self.sampled else 0.0


def check_availability(store: OpenStore, view: Any, window: Window, sample: int) -> ViewAvailability:
    """Compare `sample` keys of the window (or all) with the online store; the same window draws the same keys.

    Raises:
        FeatureStoreError: a store cannot be read.
    """
    offline = _sampled(latest_in_window(store, view, window), sample, seed=int(window.end.timestamp()))
    if not offline.num_rows:
        return ViewAvailability(view=view.name, sampled=0, missing=0, stale=0)
    names = [feature.name for feature in view.features]
    keys = [name for name in view.join_keys if name in offline.column_names]
    with feast_call(f"reading {view.name} from the {store.online_type} online store"):
        response = store.feast.get_online_features(
            features=[f"{view.name}:{name}" for name in names],
            entity_rows=offline.select(keys).to_pylist() if keys else [{}] * offline.num_rows,
        )
        online = response.to_dict(include_event_timestamps=True)
    missing, stale = 0, 0
    examples: list[str] = []
    for index, row in enumerate(offline.to_pylist()):
        at = online[f"{names[0]}__ts"][index]
        problem = _compared(row, {n: online[n][index] for n in names}, row[view.batch_source.timestamp_field], at)
        missing += problem == _MISSING
        stale += problem not in (None, _MISSING)
        if problem and len(examples) < _EXAMPLES:
            examples.append(f"{', '.join(f'{k}={row[k]}' for k in keys)}: {problem}")
    return ViewAvailability(view=view.name, sampled=offline.num_rows, missing=missing, stale=stale, examples=examples)


_MISSING = "not in the online store"


def _sampled(table: "pa.Table", sample: int, seed: int) -> "pa.Table":
    import numpy as np

    if table.num_rows <= sample:
        return table
    return table.take(np.sort(np.random.default_rng(seed).choice(table.num_rows, sample, replace=False)))


def _compared(offline: dict[str, Any], online: dict[str, Any], written: datetime, online_seconds: int) -> str | None:
    """What is wrong with a key's online row; None if nothing is."""
    if not online_seconds:
        return _MISSING
    age = written.timestamp() - online_seconds
    if age <= -_SECONDS:
        return None
    if age >= _SECONDS:
        return f"online row of {datetime.fromtimestamp(online_seconds, UTC).isoformat()}, offline {written.isoformat()}"
    for name, value in online.items():
        if not _same(offline[name], value):
            return f"{name} is {value!r} online, {offline[name]!r} offline"
    return None


def _same(offline: Any, online: Any) -> bool:
    if _absent(offline) or _absent(online):
        return _absent(offline) and _absent(online)
    if isinstance(offline, list | tuple):
        return len(offline) == len(online) and all(map(_same, offline, online))
    if isinstance(offline, float) or isinstance(online, float):
        return math.isclose(offline, online, rel_tol=_RELATIVE)
    if isinstance(offline, datetime) and isinstance(online, datetime):
        return abs(offline.timestamp() - online.timestamp()) <= _SECONDS
    return bool(offline == online)


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
