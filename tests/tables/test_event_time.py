import re
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

from maestro_ml.project import ProjectError, RequestError, Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.references import reference_window
from maestro_ml.tables import NoEventTime, open_dataset

HOUR = timedelta(hours=1)


@pytest.fixture
def cut(tmp_path, dataset_project):
    """Provide the numbers of the rows inside a window, for the event times given."""

    def rows(times, window: Window, **dataset: object) -> list[int]:
        pd.DataFrame({"at": times, "n": range(len(times))}).to_parquet(tmp_path / "events.parquet")
        project = dataset_project(
            source={"kind": "parquet", "path": "events.parquet"},
            timestamp="at",
            columns={"at": {"type": "timestamp"}, "n": {"type": "integer"}},
            **dataset,
        )
        with open_dataset(project, "events") as opened:
            return sorted(n for (n,) in opened.rows(window, ["n"]).fetchall())

    return rows


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_a_window_holds_its_start_and_not_its_end(cut, january, unit, zone):
    times = pd.DatetimeIndex(["2023-12-31 23:59:59", "2024-01-01", "2024-01-31 23:59:59", "2024-02-01"], tz="UTC")
    times = times.tz_convert(zone).as_unit(unit) if zone else times.tz_localize(None).as_unit(unit)
    assert cut(times, january) == [1, 2]


def test_a_naive_time_is_read_in_the_declared_timezone(cut, january):
    times = pd.DatetimeIndex(["2023-12-31 18:59:59", "2023-12-31 19:00:00", "2024-01-31 19:00:00"])  # New York is UTC-5
    assert cut(times, january, timezone="America/New_York") == [1]


@pytest.mark.parametrize(("zone", "offset"), [("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12)])
def test_the_zones_furthest_from_utc_lose_no_row(cut, january, zone, offset):
    local = timezone(timedelta(hours=offset))
    moments = [january.start, january.end - HOUR, january.end]
    times = pd.DatetimeIndex([m.astimezone(local).replace(tzinfo=None) for m in moments])
    assert cut(times, january, timezone=zone) == [0, 1]


def test_rows_without_a_time_are_in_no_window(cut, january):
    assert cut(pd.DatetimeIndex(["2024-01-05", None], tz="UTC"), january) == [0]


def test_dates_are_times_at_midnight(cut, january):
    assert cut(pd.Series(pd.to_datetime(["2024-01-01", "2024-02-01"])).dt.date, january) == [0]


def test_a_column_of_nothing_has_no_rows_in_the_window(cut, january):
    assert cut([None, None], january) == []


@pytest.mark.parametrize("times", [["yesterday"], [1704067200]])
def test_what_is_no_time_is_refused(cut, january, times):
    with pytest.raises(NoEventTime, match=r"the timestamp column 'at' is (VARCHAR|BIGINT), no time"):
        cut(times, january)


@pytest.mark.parametrize("unit", ["us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_window_reads_only_the_row_groups_it_needs(tmp_path, dataset_project, january, unit, zone):
    times = pd.date_range("2023-06-01", periods=20_480, freq="h", tz=zone).as_unit(unit)
    pd.DataFrame({"at": times, "n": range(len(times))}).to_parquet(tmp_path / "events.parquet", row_group_size=2_048)
    project = dataset_project(
        source={"kind": "parquet", "path": "events.parquet"}, timestamp="at", columns={"at": {"type": "timestamp"}}
    )
    with open_dataset(project, "events") as opened:
        plan = opened.rows(january, ["n"]).aggregate("sum(n)").explain("analyze")
    assert re.search(r"Row Groups Scanned: 1 / 10\b", plan), plan


def test_the_reference_is_the_time_before_or_a_fixed_range(january):
    def reference(**kind: object) -> Window:
        spec = Dataset.model_validate(
            {
                "source": {"kind": "parquet", "path": "x"},
                "timestamp": "at",
                "columns": {"at": {"type": "timestamp"}},
                "reference": kind,
            }
        )
        return reference_window("events", spec.reference, january)

    assert reference(kind="previous") == Window(datetime(2023, 12, 1, tzinfo=UTC), january.start)
    assert reference(kind="previous", length="7d").length == timedelta(days=7)
    assert reference(kind="fixed", start="2023-01-01", end="2023-04-01").end == datetime(2023, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Berln", "UTC'; DROP TABLE x --", "../../etc/passwd", "localtime", ""])
def test_a_timezone_nobody_knows_is_refused_when_the_project_is_loaded(dataset_project, zone):
    with pytest.raises(ProjectError, match="no timezone"):
        dataset_project(
            source={"kind": "parquet", "path": "x"},
            timestamp="at",
            timezone=zone,
            columns={"at": {"type": "timestamp"}},
        )


def test_a_season_earlier_is_the_same_window_and_must_not_touch_it(january):
    def reference(period: str) -> Window:
        spec = Dataset.model_validate(
            {
                "source": {"kind": "parquet", "path": "x"},
                "timestamp": "at",
                "columns": {"at": {"type": "timestamp"}},
                "reference": {"kind": "season", "period": period},
            }
        )
        return reference_window("events", spec.reference, january)

    assert reference("31d") == Window(datetime(2023, 12, 1, tzinfo=UTC), january.start)
    assert reference("364d").end == january.end - timedelta(days=364)
    with pytest.raises(RequestError, match=r"the window 30d earlier, and overlaps a window of 31d; give it a longer"):
        reference("30d")
