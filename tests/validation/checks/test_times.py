"""Checks of times: to the nanosecond, and without a zone in the one their dataset declares."""

import pandas as pd
import pytest

NEW_YORK = {"timezone": "America/New_York"}
NOON = 1_704_110_400 * 10**9  # 2024-01-01 12:00 UTC


def times(*offsets, zone="UTC"):
    """Return times so many nanoseconds after noon."""
    return pd.DatetimeIndex([NOON + offset for offset in offsets], tz="UTC").tz_convert(zone)


def naive(*offsets, zone="UTC", unit="ns"):
    """Return what a clock of the zone shows then, without the zone."""
    return times(*offsets, zone=zone).tz_localize(None).as_unit(unit)


@pytest.mark.parametrize("at", [times, naive])
@pytest.mark.parametrize("strict", [True, False])
def test_values_100_nanoseconds_apart_are_in_order(check, at, strict):
    declared = {"check": "monotonic", "column": "n", "strict": strict}
    rising = pd.DataFrame({"at": at(0, 100, 200), "n": [1, 2, 3]})
    falling = pd.DataFrame({"at": at(0, 100, 200), "n": [1, 3, 2]})
    assert check(rising, **declared).numbers["count"] == 0
    assert check(falling, **declared).numbers["count"] == 1


@pytest.mark.parametrize("at", [times, naive])
def test_times_100_nanoseconds_apart_rise(check, events, at):
    frame = events(seen=at(0, 100, 200))
    assert not check(frame, check="monotonic", column="seen", strict=True).violated
    assert check(events(seen=at(100, 0)), check="monotonic", column="seen").violated
    assert check(events(seen=at(0, 0)), check="monotonic", column="seen", strict=True).violated


@pytest.mark.parametrize("at", [times, naive])
@pytest.mark.parametrize("copies", [1, 4])  # few hashes that differ take another way than many
def test_times_one_nanosecond_apart_are_not_the_same(check, events, at, copies):
    assert not check(events(seen=at(0, 1)), check="unique", columns=["seen"]).violated
    repeated = [offset for offset in range(3) for _ in range(copies)]
    found = check(events(seen=at(*repeated)), check="unique", columns=["seen"])
    assert found.numbers["count"] == 3 * (copies - 1)


@pytest.mark.parametrize(("operator", "failing"), [("<", 2), ("<=", 1), ("==", 2), ("!=", 1), (">=", 1), (">", 2)])
@pytest.mark.parametrize("zones", ["both", "neither", "left"])
def test_a_nanosecond_decides_a_comparison(check, events, operator, failing, zones):
    left = (naive if zones == "neither" else times)(0, 1, 1)
    right = (times if zones == "both" else naive)(1, 1, 0)
    found = check(events(left=left, right=right), check="compare", left="left", operator=operator, right="right")
    assert found.numbers["count"] == failing


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_naive_time_is_compared_in_the_declared_zone(check, events, unit):
    """Loaded an hour before it happened, which in UTC would look like four hours after."""
    frame = events(happened=naive(0, zone="America/New_York", unit=unit), loaded=times(-3600 * 10**9))
    declared = {"check": "compare", "left": "loaded", "operator": ">=", "right": "happened"}
    assert check(frame, NEW_YORK, **declared).violated
    assert not check(frame, **declared).violated  # undeclared it is UTC, which is a finding of its own


def test_a_date_is_midnight_in_the_declared_zone(check, events):
    frame = events(day=pd.Series([pd.Timestamp("2024-01-01").date()]), at_4=pd.DatetimeIndex(["2024-01-01 04:00Z"]))
    declared = {"check": "compare", "left": "at_4", "operator": ">=", "right": "day"}
    columns = {"at": {"type": "timestamp"}, "day": {"type": "date"}, "at_4": {"type": "timestamp"}}
    assert check(frame, NEW_YORK | {"columns": columns}, **declared).violated
    assert not check(frame, {"columns": columns}, **declared).violated


def test_times_are_found_in_another_dataset_with_a_zone_of_its_own(check, events, tmp_path):
    other = events(seen=naive(0, 1000, zone="Asia/Tokyo", unit="us"))
    other.to_parquet(tmp_path / "seen.parquet")
    spec = {
        "source": {"kind": "parquet", "path": "seen.parquet"},
        "timestamp": "at",
        "timezone": "Asia/Tokyo",
        "columns": {"at": {"type": "timestamp"}, "seen": {"type": "timestamp"}},
    }
    declared = {"check": "references", "column": "mine", "dataset": "seen", "key": "seen"}
    frame = events(mine=naive(0, 1000, 1001, 2000, zone="America/New_York"))
    assert check(frame, NEW_YORK | {"others": {"seen": spec}}, **declared).numbers["count"] == 2
    zoned = events(mine=times(0, 1, 1000))
    assert check(zoned, NEW_YORK | {"others": {"seen": spec}}, **declared).numbers["count"] == 1


def test_a_clock_that_is_neither_time_nor_date_cannot_be_compared_with_one(check, events, tmp_path):
    events(seen=["2024-01-01"]).to_parquet(tmp_path / "seen.parquet")
    spec = {
        "source": {"kind": "parquet", "path": "seen.parquet"},
        "timestamp": "at",
        "columns": {"at": {"type": "timestamp"}, "seen": {"type": "date"}},
    }
    declared = {"check": "references", "column": "mine", "dataset": "seen", "key": "seen"}
    found = check(events(mine=times(0)), {"others": {"seen": spec}}, **declared)
    assert found.message == "cannot be checked: string and timestamp cannot be compared"


def test_the_last_nanosecond_of_a_day_is_shown_as_it_is(judge):
    frame = pd.DataFrame({"at": pd.DatetimeIndex(["2024-01-31 23:59:59.999999999"], tz="UTC")})
    [profile] = judge(frame, "quality").profiles
    assert (profile.current.rows, profile.current.high) == (1, "2024-01-31 23:59:59.999999999+00")


def test_a_predicate_reads_naive_times_in_the_declared_zone(check, events):
    """Loaded an hour before it happened, which in UTC would look like four hours after."""
    frame = events(happened=naive(0, zone="America/New_York"), loaded=times(-3600 * 10**9))
    assert check(frame, NEW_YORK, check="predicate", sql="loaded >= happened").violated
    assert not check(frame, check="predicate", sql="loaded >= happened").violated


def test_a_condition_takes_literals_for_the_declared_zone(check, events):
    frame = events(happened=naive(0, zone="America/New_York"), loaded=times(0))  # 07:00 there
    for condition, rows in [
        ("happened >= '2024-01-01 07:00' AND loaded >= '2024-01-01 07:00'", 1),
        ("loaded >= '2024-01-01 07:01'", 0),
        ("hour(happened) = 7 AND hour(loaded) = 7", 1),
        ("loaded = '2024-01-01 12:00Z' AND happened = TIMESTAMPTZ '2024-01-01 12:00+00:00'", 1),
    ]:
        assert check(frame, NEW_YORK, check="rows", min=0, where=condition).numbers["rows"] == rows, condition


def test_a_predicate_on_a_text_without_a_zone_is_no_pass(check, events):
    frame = events(happened=naive(0), said=["2024-01-01 12:00"])
    found = check(frame, NEW_YORK, check="predicate", sql="happened = said")
    assert found.violated
    assert found.message == 'cannot be checked: "said" is compared with a time and is not one; cast it to TIMESTAMP'
    assert check(frame, NEW_YORK, check="missing", column="said", where="happened = said").violated
    assert not check(frame, NEW_YORK, check="predicate", sql="happened = said::TIMESTAMP").violated


@pytest.mark.parametrize("kind", ["csv", "sqlite", "parquet"])
def test_the_declared_zone_counts_in_every_source(judge, tmp_path, kind):
    """Midnight in New York is the window's start, and five hours of January lie behind the first of February there."""
    import sqlite3

    rows = [
        ("2023-12-31 18:59:59", "2023-12-31T23:59:59Z"),
        ("2023-12-31 19:00:00", "2024-01-01T00:00:00Z"),
        ("2024-01-31 18:59:59", "2024-02-01T05:00:00Z"),
        ("2024-01-31 19:00:00", "2024-02-01T00:00:00Z"),
    ]
    source = {"kind": kind, "path": f"events.{kind}"}
    if kind == "csv":
        (tmp_path / "events.csv").write_text("happened,loaded\n" + "".join(f"{a},{b}\n" for a, b in rows))
    elif kind == "sqlite":
        source = {"kind": "sql", "url": "sqlite:///events.db", "table": "events"}
        with sqlite3.connect(tmp_path / "events.db") as connection:
            connection.execute("CREATE TABLE events (happened DATETIME, loaded DATETIME)")
            connection.executemany("INSERT INTO events VALUES (?, ?)", rows)
        connection.close()
    else:
        happened, loaded = zip(*rows, strict=True)
        frame = pd.DataFrame({"happened": pd.to_datetime(happened), "loaded": pd.to_datetime(loaded, utc=True)})
        frame.to_parquet(tmp_path / "events.parquet")
    report = judge(
        None,
        "quality",
        source=source,
        timestamp="happened",
        timezone="America/New_York",
        columns={"happened": {"type": "timestamp"}, "loaded": {"type": "timestamp"}},
        checks=[
            {"check": "compare", "left": "loaded", "operator": "<=", "right": "happened"},
            {"check": "predicate", "sql": "loaded <= happened and happened >= '2023-12-31 19:00'"},
        ],
    )
    assert report.rows == 2
    assert [f.numbers["count"] for f in report.findings if f.check in ("compare", "predicate")] == [1, 1]


@pytest.mark.parametrize("zone", [{}, NEW_YORK])
def test_a_time_that_no_row_has_yet_passes(check, events, zone):
    columns = {name: {"type": "timestamp"} for name in ("at", "opened", "closed")}
    frame = events(opened=naive(0), closed=[None])
    for sql in ("closed >= opened", "closed is null or closed > '2024-01-01'", "coalesce(closed, opened) >= opened"):
        assert not check(frame, zone | {"columns": columns}, check="predicate", sql=sql).violated, sql
    assert not check(
        frame, zone | {"columns": columns}, check="compare", left="closed", operator="<", right="at"
    ).violated
