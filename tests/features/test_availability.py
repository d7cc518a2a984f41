"""What is said of the keys of a view, from the offline rows and what is online; and what fails the step that asks."""

import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from maestro_ml.features import availability
from maestro_ml.features.availability import ViewAvailability, _Online, check_availability
from maestro_ml.project import Window
from maestro_ml.project.pipelines import Availability
from maestro_ml.steps.features import _describe, _exceeds

END = datetime(2024, 1, 2, tzinfo=UTC)
WINDOW = Window(END - timedelta(days=1), END)
NOON = END - timedelta(hours=12)
HOUR = timedelta(hours=1)


class Stores:
    """An offline and an online store of the view `v`, with the key `id` and the value `x`."""

    online_type = "redis"

    def __init__(self, monkeypatch: pytest.MonkeyPatch, ttl: timedelta | None = None) -> None:
        self.feast = self
        self.view = SimpleNamespace(
            name="v",
            ttl=ttl,
            entity_columns=[SimpleNamespace(name="id")],
            join_keys=["id"],
            batch_source=SimpleNamespace(timestamp_field="at"),
        )
        self.offline: list[dict[str, Any]] = []
        self.later: list[dict[str, Any]] = []
        self.online: dict[Any, _Online | None] = {}
        self.read_later: list[Window] = []
        monkeypatch.setattr(availability, "latest_in_window", self._latest_in_window)
        monkeypatch.setattr(availability, "_read", self._read)
        monkeypatch.setattr(availability, "all_in_window", self._all_in_window)

    def get_feature_view(self, name: str) -> Any:
        assert name == "v"
        return self.view

    def _latest_in_window(self, *given: Any) -> pa.Table:
        assert given == (self, self.view, WINDOW)
        return pa.Table.from_pylist(self.offline)

    def _read(self, store: Any, view: Any, offline: pa.Table) -> list[_Online | None]:
        assert (store, view) == (self, self.view)
        return [self.online[key] for key in offline["id"].to_pylist()]

    def _all_in_window(self, store: Any, view: Any, window: Window) -> pa.Table:
        assert (store, view) == (self, self.view)
        self.read_later.append(window)
        return pa.Table.from_pylist(self.later or [{"id": -1, "x": 0, "at": END}])

    def found(self, sample: int = 100, **options: Any) -> ViewAvailability:
        return check_availability(self, SimpleNamespace(name="v"), WINDOW, sample, **options)  # type: ignore[arg-type]


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Stores:
    made = Stores(monkeypatch)
    made.offline = [{"id": key, "x": 10 * key, "at": NOON} for key in range(1, 7)]
    made.online = {key: _Online(NOON, {"x": 10 * key}) for key in range(1, 7)}
    return made


def test_keys_that_are_online_as_they_are_offline_are_available(stores: Stores) -> None:
    assert stores.found() == ViewAvailability(view="v", sampled=6, missing=0, stale=0)
    assert stores.read_later == []


def test_each_kind_of_fault_is_counted_and_named(stores: Stores) -> None:
    stores.online[1] = None
    stores.online[3] = _Online(NOON - HOUR, {"x": 30})
    stores.online[4] = _Online(NOON, {"x": 41})
    stores.online[5] = _Online(END + HOUR, {"x": 50})
    assert stores.found() == ViewAvailability(
        view="v",
        sampled=6,
        missing=1,
        stale=2,
        unsourced=1,
        examples=[
            "id=1: not in the online store",
            f"id=3: online row of {(NOON - HOUR).isoformat()}, offline {NOON.isoformat()}",
            "id=4: x is 41 online, 40 offline",
            f"id=5: online row of {(END + HOUR).isoformat()}, which the offline source does not have",
        ],
    )
    assert stores.read_later == [Window(END, END + HOUR + timedelta(seconds=1))]


def test_a_newer_row_that_the_source_has_is_available(stores: Stores) -> None:
    stores.online[5] = _Online(END + HOUR, {"x": 51})
    stores.later = [{"id": 4, "x": 51, "at": END + HOUR}]
    assert stores.found().unsourced == 1
    stores.later += [{"id": 5, "x": 50, "at": END}, {"id": 5, "x": 51, "at": END + HOUR}]
    assert stores.found().unsourced == 0


@pytest.mark.parametrize(("newer", "unsourced"), [(timedelta(milliseconds=999), 0), (timedelta(seconds=1), 1)])
def test_a_row_is_newer_from_a_second_on(newer: timedelta, unsourced: int, stores: Stores) -> None:
    stores.online[2] = _Online(NOON + newer, {"x": 20})
    found = stores.found()
    assert (found.unsourced, found.stale, stores.read_later) == (unsourced, 0, [])


def test_a_row_of_the_windows_end_is_looked_for_in_the_source(stores: Stores) -> None:
    stores.online[2] = _Online(END, {"x": 20})
    assert stores.found().unsourced == 1
    assert stores.read_later == [Window(END, END + timedelta(seconds=1))]


def test_five_faults_are_named_and_all_are_counted(stores: Stores) -> None:
    stores.online = dict.fromkeys(range(1, 7))
    found = stores.found()
    assert found.missing == 6
    assert found.examples == [f"id={key}: not in the online store" for key in range(1, 6)]
    stores.offline = [{"id": None, "x": 1, "at": NOON}]
    assert stores.found() == ViewAvailability(view="v", sampled=0, missing=0, stale=0)


def test_a_value_past_its_ttl_is_counted_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    stores = Stores(monkeypatch, ttl=timedelta(hours=6))
    stores.offline = [{"id": 1, "x": 1, "at": NOON}, {"id": 2, "x": 2, "at": NOON}]
    stores.online = {1: _Online(NOON, {"x": 1}), 2: None}
    assert stores.found() == ViewAvailability(
        view="v",
        sampled=2,
        missing=0,
        stale=0,
        expired=1,
        examples=[f"id=1: x of {NOON.isoformat()} is past the view's ttl, but still online"],
    )


def test_rows_without_a_key_are_none_of_the_sample(stores: Stores) -> None:
    stores.offline.append({"id": None, "x": 1, "at": NOON})
    assert stores.found().sampled == 6
    assert stores.found(sample=2).sampled == 2


def test_hidden_columns_are_not_shown(stores: Stores) -> None:
    stores.online[1] = _Online(NOON, {"x": 0})
    assert stores.found(hides=lambda name: True).examples == ["id=•••: x is not the same online and offline"]


def test_times_online_are_utc_and_a_feature_that_was_just_added_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    names = SimpleNamespace(feast_value_type_to_python_type=lambda value: value)
    monkeypatch.setitem(sys.modules, "feast", ModuleType("feast"))
    monkeypatch.setitem(sys.modules, "feast.type_map", names)
    row = SimpleNamespace(at=NOON.replace(tzinfo=None), values={"x": 1}, is_missing=False)
    rows = [row, None, SimpleNamespace(is_missing=True)]
    monkeypatch.setattr(availability, "entity_keys", lambda *_: ["a", "b", "c"])
    monkeypatch.setattr(availability, "read_rows", lambda *given: rows if given == expected else [])
    provider = SimpleNamespace(online_store="online")
    store = SimpleNamespace(feast=SimpleNamespace(config="config"), provider=provider)
    features = SimpleNamespace(features=[SimpleNamespace(name="x"), SimpleNamespace(name="new")])
    expected = ("config", "online", features, ["a", "b", "c"])
    found = availability._read(store, features, pa.table({"id": [1, 2, 3]}))  # type: ignore[arg-type]
    assert found == [_Online(NOON, {"x": 1, "new": None}), None, None]


def view(**counts: int) -> ViewAvailability:
    return ViewAvailability(**{"view": "v", "sampled": 100, "missing": 0, "stale": 0, **counts})


@pytest.mark.parametrize(
    ("counts", "wrong"),
    [
        ({}, False),
        ({"missing": 2, "stale": 5, "expired": 5}, False),
        ({"missing": 3}, True),
        ({"stale": 6}, True),
        ({"expired": 6}, True),
        ({"unsourced": 1}, True),
        ({"sampled": 0}, False),
    ],
)
def test_more_faults_than_the_project_allows_fail_the_step(counts: dict[str, int], wrong: bool) -> None:
    assert _exceeds(view(**counts), Availability(max_missing_share=0.02, max_stale_share=0.05)) is wrong


def test_a_view_that_fails_is_described_with_its_numbers() -> None:
    found = view(sampled=1_000, missing=1, stale=2, expired=3, unsourced=4).model_copy(update={"examples": ["a", "b"]})
    assert _describe(found) == (
        "v: of 1,000 sampled keys 1 missing, 2 stale, 3 past their ttl online and 4 not from the offline source, "
        "such as a"
    )
