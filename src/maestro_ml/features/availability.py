"""Verify what was materialized: read sampled keys back and compare them with what training would see."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from maestro_ml.features.entity_keys import real_keys
from maestro_ml.features.errors import feast_call
from maestro_ml.features.newest_rows import OnlineRow, read_rows
from maestro_ml.features.offline import all_in_window, latest_in_window
from maestro_ml.features.online_values import entity_keys, without_keyless_rows
from maestro_ml.features.store import OpenStore
from maestro_ml.project import Window

if TYPE_CHECKING:
    import pyarrow as pa

# Feast may keep float64 as float32, and times as whole seconds
_RELATIVE, _SECONDS = 1e-6, 1
_EXAMPLES = 5
_HIDDEN = "•••"


class ViewAvailability(BaseModel, defer_build=True):
    """How many of the sampled keys are online with the values that training would see at the window's end.

    `missing`: not there. `stale`: there, but older, or with another value. `expired`: a value past the view's ttl.
    `unsourced`: newer, and the offline source has no such row. A newer row that it has counts as available.
    """

    view: str
    sampled: int
    missing: int
    stale: int
    expired: int = 0
    unsourced: int = 0
    examples: list[str] = []  # of what is wrong

    @property
    def missing_share(self) -> float:
        """The share of the sampled keys that are not online."""
        return self.missing / self.sampled if self.sampled else 0.0

    @property
    def stale_share(self) -> float:
        """The share of the sampled keys with an older or different value online."""
        return self.stale / self.sampled if self.sampled else 0.0

    @property
    def expired_share(self) -> float:
        """The share of the sampled keys with a value past its ttl online."""
        return self.expired / self.sampled if self.sampled else 0.0


def check_availability(
    store: OpenStore, view: Any, window: Window, sample: int, hides: Callable[[str], bool] = lambda _: False
) -> ViewAvailability:
    """Compare `sample` keys of the window (or all of them) with the online store; a window always draws the same keys.

    Args:
        hides: whether no value of a column may be shown in the examples.

    Raises:
        FeatureStoreError: a store cannot be read.
    """
    view = store.feast.get_feature_view(view.name)  # one of a list hides the key of a view without entities
    keyed = without_keyless_rows(latest_in_window(store, view, window), [field.name for field in view.entity_columns])
    offline = _sampled(keyed, sample, seed=int(window.end.timestamp()))
    problems: list[tuple[str, str]] = []
    if offline.num_rows:
        with feast_call(f"reading {view.name} from the {store.online_type} online store"):
            found = _read(store, view, offline)
        oldest = window.end - view.ttl if view.ttl else None
        sources = _rows_after(store, view, window, found)
        for row, online in zip(offline.to_pylist(), found, strict=True):
            timestamp = view.batch_source.timestamp_field
            problem = _compared(row, online, row[timestamp], oldest, hides)
            if not problem and online and online.at.timestamp() - row[timestamp].timestamp() >= _SECONDS:
                problem = _unsourced(online, sources.get(_key(row, view), []), timestamp)
            if problem:
                keys = real_keys(view.join_keys)
                key = ", ".join(f"{name}={_HIDDEN if hides(name) else row[name]}" for name in keys)
                problems.append((problem[0], f"{key}: {problem[1]}" if key else problem[1]))
    return ViewAvailability(
        view=view.name,
        sampled=offline.num_rows,
        examples=[text for _, text in problems[:_EXAMPLES]],
        **{kind: sum(kind == found for found, _ in problems) for kind in ("missing", "stale", "expired", "unsourced")},
    )


class _Online(NamedTuple):
    at: datetime
    values: dict[str, Any]


def _read(store: OpenStore, view: Any, offline: "pa.Table") -> list[_Online | None]:
    from feast.type_map import feast_value_type_to_python_type

    names = [feature.name for feature in view.features]

    def served(row: OnlineRow) -> _Online:
        # a feature that was just added to the view is missing
        values = {n: feast_value_type_to_python_type(row.values[n]) if n in row.values else None for n in names}
        return _Online(row.at.replace(tzinfo=UTC), values)

    found = read_rows(store.feast.config, store.provider.online_store, view, entity_keys(offline, view))
    return [None if row is None or row.is_missing else served(row) for row in found]


def _key(row: dict[str, Any], view: Any) -> tuple[Any, ...]:
    return tuple(row[field.name] for field in view.entity_columns if field.name in row)


def _rows_after(
    store: OpenStore, view: Any, window: Window, found: list[_Online | None]
) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Read the source's rows of each key from the window's end to the newest online row, if one is newer."""
    newest = max((online.at for online in found if online), default=window.end)
    if newest < window.end:
        return {}
    rows: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in all_in_window(store, view, Window(window.end, newest + timedelta(seconds=_SECONDS))).to_pylist():
        rows.setdefault(_key(row, view), []).append(row)
    return rows


def _unsourced(online: _Online, sources: list[dict[str, Any]], timestamp: str) -> tuple[str, str] | None:
    """Return the fault of an online row newer than the window; None if the source has it, or if it has no values."""
    if all(map(_absent, online.values.values())):
        return None
    same_time = [row for row in sources if abs(row[timestamp].timestamp() - online.at.timestamp()) < _SECONDS]
    if any(all(is_same_value(row[name], value) for name, value in online.values.items()) for row in same_time):
        return None
    return "unsourced", f"online row of {online.at.isoformat()}, which the offline source does not have"


def _sampled(table: "pa.Table", sample: int, seed: int) -> "pa.Table":
    import numpy as np

    if table.num_rows <= sample:
        return table
    return table.take(np.sort(np.random.default_rng(seed).choice(table.num_rows, sample, replace=False)))


def _compared(
    offline: dict[str, Any],
    online: _Online | None,
    written: datetime,
    oldest: datetime | None,
    hides: Callable[[str], bool],
) -> tuple[str, str] | None:
    """Return the fault of a key's online row, as a counter's name and a sentence; None if there is none."""
    if expired := _expired(online, oldest):
        return "expired", expired
    if oldest and written < oldest:
        return None  # training sees no value, and none is online
    if online is None:
        return "missing", "not in the online store"
    age = written.timestamp() - online.at.timestamp()
    if age >= _SECONDS:
        return "stale", f"online row of {online.at.isoformat()}, offline {written.isoformat()}"
    newer = age <= -_SECONDS
    differs = None if newer else next((n for n, v in online.values.items() if not is_same_value(offline[n], v)), None)
    if differs is None:
        return None
    values = f"{differs} is {online.values[differs]!r} online, {offline[differs]!r} offline"
    return "stale", f"{differs} is not the same online and offline" if hides(differs) else values


def _expired(online: _Online | None, oldest: datetime | None) -> str | None:
    if not online or not oldest or online.at >= oldest - timedelta(seconds=_SECONDS):
        return None
    name = next((name for name, value in online.values.items() if not _absent(value)), None)
    return name and f"{name} of {online.at.isoformat()} is past the view's ttl, but still online"


def is_same_value(offline: Any, online: Any) -> bool:
    if _absent(offline) or _absent(online):
        return _absent(offline) and _absent(online)
    if isinstance(offline, list | tuple):
        return len(offline) == len(online) and all(map(is_same_value, offline, online))
    if isinstance(offline, float) or isinstance(online, float):
        return math.isclose(offline, online, rel_tol=_RELATIVE)
    if isinstance(offline, datetime) and isinstance(online, datetime):
        return abs(offline.timestamp() - online.timestamp()) <= _SECONDS
    return bool(offline == online)


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
