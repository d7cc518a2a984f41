"""Instants are exact: in every unit, with a zone or without, and compared with each other."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro_ml.project import Window
from maestro_ml.sql.columns import comparable
from maestro_ml.tables import open_dataset
from maestro_ml.validation.context import ValidationContext

NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
SECOND = NS["s"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIME = {"at": {"type": "timestamp"}}


def nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def instant(local: int, zone: str) -> int:
    """Return the instant at which a clock shows a time; both in nanoseconds."""
    shown = (EPOCH + timedelta(seconds=local // SECOND)).replace(tzinfo=ZoneInfo(zone), fold=1)
    return nanoseconds(shown.astimezone(UTC)) + local % SECOND


@st.composite
def tables(draw):
    """Return a window, and times around its edges as integers of a unit, with the zone of the column and of the
    dataset.
    """
    start = draw(st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    length = timedelta(microseconds=draw(st.integers(1, 10 ** draw(st.integers(1, 13)))))
    window = Window(start, start + length)
    unit, stored_zone = draw(st.sampled_from(list(NS))), draw(st.sampled_from([None, "UTC", "Asia/Tokyo"]))
    declared = draw(st.sampled_from([None, "Europe/Berlin", "Asia/Kolkata"]))
    near = st.one_of(st.integers(-1500, 1500), st.integers(-3 * SECOND, 3 * SECOND), st.integers(-(10**15), 10**15))
    edges = [nanoseconds(edge) for edge in (window.start, window.end)]
    if stored_zone is None and declared:
        edges = [edge + 3600 * SECOND * hours for edge in edges for hours in (0, 1, 2, 5.5)]
    times = draw(st.lists(st.one_of(st.none(), st.builds(lambda e, n: int(e) + n, st.sampled_from(edges), near))))
    return window, [None if t is None else t // NS[unit] for t in times], unit, stored_zone, declared


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
@settings(max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.booleans(), st.integers(1, 5))
def test_a_window_holds_the_rows_that_lie_in_it(tmp_path, dataset_project, table, is_sorted, group):
    window, times, unit, zone, declared = table
    if is_sorted:
        times = sorted(times, key=lambda t: (t is None, t))
    column = pa.array(times, pa.timestamp(unit, zone))
    file = tmp_path / "events.parquet"
    pq.write_table(pa.table({"at": column, "n": range(len(times))}), file, row_group_size=group)
    project = dataset_project(
        source={"kind": "parquet", "path": file.name},
        timestamp="at",
        columns=TIME,
        **({"timezone": declared} if declared else {}),
    )
    start, end = nanoseconds(window.start), nanoseconds(window.end)
    exact = [None if t is None else t * NS[unit] for t in times]
    if zone is None and declared:
        exact = [None if t is None else instant(t, declared) for t in exact]
    expected = [n for n, t in enumerate(exact) if t is not None and start <= t < end]
    before = [t for t in exact if t is not None and t < end]
    with open_dataset(project, "events") as opened:
        context = ValidationContext(opened, window, window.end)
        assert context.current.count == len(expected)
        assert [n for (n,) in opened.rows(window, ["n"]).fetchall()] == expected
        context.measure_times()
        [untimed, later] = context.everything.values([context.untimed, context.future])
        assert (untimed, later) == (exact.count(None), sum(t is not None and t >= end + 1000 for t in exact))
        newest = None if not before else EPOCH + timedelta(microseconds=max(before) // 1000)
        assert context.newest == newest


_STORED = [pa.timestamp(unit, zone) for unit in NS for zone in (None, "UTC")] + [pa.date32()]


@pytest.mark.parametrize("right", _STORED, ids=str)
@pytest.mark.parametrize("left", _STORED, ids=str)
def test_times_of_all_types_compare_as_instants(tmp_path, dataset_project, left, right):
    """A nanosecond apart, equal in UTC, equal in the declared zone, and beyond what nanoseconds hold."""
    midnight = 1_704_067_200 * SECOND

    def column(type_, times):
        if type_ == pa.date32():
            return pa.array([t // (86_400 * SECOND) for t in times], pa.int32()).cast(type_)
        return pa.array([t // NS[type_.unit] for t in times], type_)

    offsets = [-SECOND, -1000, -1, 0, 1, 999, 1000, SECOND, 5 * 3600 * SECOND, 5 * 3600 * SECOND - 1]
    far = [(int(datetime(year, 1, 1, tzinfo=UTC).timestamp())) * SECOND for year in (1500, 9999)]
    lefts = [midnight + offset for offset in offsets for _ in offsets]
    rights = [midnight + offset for _ in offsets for offset in offsets]
    for mine, others, type_ in ((lefts, rights, left), (rights, lefts, right)):
        if getattr(type_, "unit", None) != "ns":
            mine.extend(far)
            others.extend([midnight, midnight])
    table = pa.table({"left": column(left, lefts), "right": column(right, rights)})
    pq.write_table(table, tmp_path / "events.parquet")

    def exact(name, type_):
        stored = table[name].cast(pa.int64() if type_ != pa.date32() else pa.int32()).to_pylist()
        counts = [t * (86_400 * SECOND if type_ == pa.date32() else NS[type_.unit]) for t in stored]
        if getattr(type_, "tz", None):
            return counts
        return [instant(t, "America/New_York") if t != far[0] else t + 17_762 * SECOND for t in counts]

    project = dataset_project(
        source={"kind": "parquet", "path": "events.parquet"},
        timestamp="left",
        timezone="America/New_York",
        columns={"left": {"type": "timestamp"}, "right": {"type": "timestamp"}},
    )
    with open_dataset(project, "events") as opened:
        sides = comparable((opened, "left"), (opened, "right"))
        found = opened.relation.project(f"{sides[0]} < {sides[1]}, {sides[0]} = {sides[1]}").fetchall()
    expected = [(a < b, a == b) for a, b in zip(exact("left", left), exact("right", right), strict=True)]
    assert found == expected


def test_a_window_outside_what_nanoseconds_hold_is_empty_and_no_error(tmp_path, dataset_project):
    pq.write_table(pa.table({"at": pa.array([0, 2**63 - 2], pa.timestamp("ns"))}), tmp_path / "events.parquet")
    project = dataset_project(source={"kind": "parquet", "path": "events.parquet"}, timestamp="at", columns=TIME)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    with open_dataset(project, "events") as opened:
        counts = [
            len(opened.rows(Window(start, end)).fetchall())
            for start, end in [
                (first, datetime(1500, 1, 1, tzinfo=UTC)),
                (datetime(2300, 1, 1, tzinfo=UTC), last),
                (datetime(2262, 1, 1, tzinfo=UTC), last),
                (first, last),
            ]
        ]
    assert counts == [0, 0, 1, 2]
