"""The point-in-time join beside a plain search through the rows, on random sources and entity rows."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

T0 = 1_700_000_000_000_000_000
TEXTS = ["a", "b", "A", "", "05", "5"]
# Neighbours that float64 cannot tell from each other among them
INTEGERS = [0, 5, 2**53, 2**53 + 1, -(2**62), -(2**62) + 1]
# Steps of which some are within one microsecond
STEPS = [0, 1, 100, 999, 1_000, 1_001, 60_000_000_000, 60_000_000_001, 120_000_000_000]


@dataclass(frozen=True)
class Case:
    """Rows of (keys, nanoseconds, created, value); entity rows of (keys, nanoseconds); ttl in nanoseconds."""

    kinds: tuple[pa.DataType, ...]
    unit: str
    asked_unit: str
    rows: list[tuple]
    asked: list[tuple]
    created: bool
    ttl: int | None


@st.composite
def cases(draw) -> Case:
    kinds = draw(st.sampled_from([(), (pa.int64(),), (pa.string(),), (pa.int64(), pa.string()), (pa.int32(),)]))
    units = st.sampled_from(["ns", "ns", "us"])
    unit, asked_unit = draw(units), draw(units)

    def key(kind):
        pool = TEXTS if kind == pa.string() else [0, 5, -7] if kind == pa.int32() else INTEGERS
        return st.one_of(st.sampled_from(pool), st.sampled_from(pool), st.sampled_from(pool), st.none())

    keys = st.tuples(*map(key, kinds))
    times = st.sampled_from(STEPS).map(lambda step: T0 + step)
    own, theirs = (times.map(lambda t, u=u: t if u == "ns" else t // 1000 * 1000) for u in (unit, asked_unit))
    values = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
    row = st.tuples(keys, st.one_of(own, own, own, st.none()), st.one_of(st.none(), st.integers(0, 3)), values)
    rows = draw(st.lists(row, max_size=25))
    asked = draw(st.lists(st.tuples(keys, theirs), max_size=25))
    # Feast keeps a ttl in microseconds
    ttl = draw(st.sampled_from([None, 0, 1_000, 60_000_000_000, 86_400_000_000_000]))
    return Case(kinds, unit, asked_unit, rows, asked, draw(st.booleans()), ttl)


def expected(case: Case) -> list[int | None]:
    """Return what each entity row knows: of the rows of its keys, not later and not too old, the last.

    Created, then place.
    """
    answers = []
    for keys, time in case.asked:
        known = [
            (at, created if created is not None else -1, place, value) if case.created else (at, place, value)
            for place, (theirs, at, created, value) in enumerate(case.rows)
            if theirs == keys and None not in keys and at is not None and at <= time
        ]
        last = max(known, default=None, key=lambda row: row[:-1])
        answers.append(last[-1] if last and (not case.ttl or last[0] >= time - case.ttl) else None)
    return answers


def column(values, kind):
    return pa.array(list(values), kind)


def answered(case: Case, folder) -> tuple[list[int | None], list[int]]:
    from feast import Entity, FeatureView, Field, FileSource, ValueType
    from feast.types import Int64, String

    from maestro_ml.features.offline_store import DuckDBOfflineStore

    names = [f"k{i}" for i in range(len(case.kinds))]
    table = {name: column((row[0][i] for row in case.rows), case.kinds[i]) for i, name in enumerate(names)}
    time = pa.timestamp(case.unit, "UTC")
    table["at"] = column((row[1] for row in case.rows), pa.timestamp("ns", "UTC")).cast(time)
    table["made"] = column((row[2] for row in case.rows), pa.int64()).cast(pa.timestamp("us", "UTC"))
    table["value"] = column((row[3] for row in case.rows), pa.int64())
    pq.write_table(pa.table(table), folder / "rows.parquet")
    feast_types = {name: String if kind == pa.string() else Int64 for name, kind in zip(names, case.kinds, strict=True)}
    value_types = {String: ValueType.STRING, Int64: ValueType.INT64}
    view = FeatureView(
        name="v",
        entities=[Entity(name=n, join_keys=[n], value_type=value_types[t]) for n, t in feast_types.items()],
        schema=[*(Field(name=n, dtype=t) for n, t in feast_types.items()), Field(name="value", dtype=Int64)],
        ttl=None if case.ttl is None else timedelta(microseconds=case.ttl // 1000),
        source=FileSource(
            path=str(folder / "rows.parquet"),
            timestamp_field="at",
            **({"created_timestamp_column": "made"} if case.created else {}),
        ),
    )
    entities = {"place": pa.array(range(len(case.asked)), pa.int64())}
    entities |= {name: column((row[0][i] for row in case.asked), case.kinds[i]) for i, name in enumerate(names)}
    moments = column((row[1] for row in case.asked), pa.timestamp("ns", "UTC"))
    entities["event_timestamp"] = moments.cast(pa.timestamp(case.asked_unit, "UTC"))
    found = DuckDBOfflineStore.get_historical_features(
        SimpleNamespace(repo_path=None, project="p"),
        [view],
        ["v:value"],
        pa.table(entities).to_pandas(types_mapper=pd.ArrowDtype),
        SimpleNamespace(list_on_demand_feature_views=lambda *_, **__: []),
        "p",
    ).to_arrow()
    return found["value"].to_pylist(), found["place"].to_pylist()


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=cases())
def test_every_entity_row_knows_what_a_plain_search_finds(tmp_path, case):
    values, places = answered(case, tmp_path)

    assert places == list(range(len(case.asked)))
    assert values == expected(case)


def test_the_search_tells_a_leak_of_nanoseconds():
    case = Case((pa.int64(),), "ns", "ns", [((5,), T0 + 100, None, 1)], [((5,), T0)], created=False, ttl=None)

    assert expected(case) == [None]
    assert expected(case.__class__(**{**vars(case), "asked": [((5,), T0 + 100)]})) == [1]


@pytest.mark.parametrize("unit", ["ns", "us"])
def test_times_far_from_now_are_answered(tmp_path, unit):
    day = 86_400 * 10**9
    far = [-100 * 365 * day, 0, 200 * 365 * day]
    rows = [((5,), at, None, number) for number, at in enumerate(far)]
    case = Case((pa.int64(),), unit, unit, rows, [((5,), at + day) for at in far], created=False, ttl=2 * day)

    assert answered(case, tmp_path)[0] == [0, 1, 2]
