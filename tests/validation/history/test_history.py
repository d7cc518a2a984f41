from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.project import ProjectError, Window
from maestro_ml.validation.history.runs import History, RunMetrics
from maestro_ml.validation.report.run_metrics import run_metrics

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
ROWS = {"check": "row_count_history"}
NULLS = {"check": "null_rate_history", "column": "x"}


def run(days_before: float, window: Window = JANUARY, created: int = 0, **values: dict[str, float]) -> RunMetrics:
    back = timedelta(days=days_before)
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=created)
    start, end = window.start - back, window.end - back
    return RunMetrics(run="r", start=start, end=end, created=moment, verdict="pass", values=values)


def daily(rows: list[float], missing: float = 0.0) -> History:
    """Return a run a day before January's, with these numbers of rows, oldest first."""
    days = range(len(rows), 0, -1)
    return History(tuple(run(d, rows={"": n}, missing_share={"x": missing}) for d, n in zip(days, rows, strict=True)))


@pytest.fixture
def found(judge, events, pick):
    """Provide the finding of a history check over 100 rows of January, a tenth of x missing."""

    def only(history: History, check: dict):
        frame = events(x=[None if i % 10 == 0 else float(i) for i in range(100)])
        return pick(judge(frame, "quality", history=history, checks=[check]), check["check"], check.get("column"))

    return only


def test_as_many_rows_as_ever_is_ok(found):
    finding = found(daily([98, 102, 99, 101, 100, 97, 103]), ROWS)
    assert not finding.violated
    assert finding.numbers["runs"] == 7
    assert finding.numbers["median"] == 100


@pytest.mark.parametrize("usual", [10, 1000])
def test_far_fewer_or_more_rows_than_ever_is_a_violation(found, usual):
    finding = found(daily([usual] * 10), ROWS)
    assert finding.violated
    assert finding.severity == "warn"
    assert f"median {usual:,}" in finding.message


def test_a_small_change_of_a_constant_count_is_none(found):
    assert not found(daily([97] * 10), ROWS).violated
    assert found(daily([97] * 10), ROWS | {"min_change": 0.01}).violated


def test_the_null_rate_in_both_directions(found):
    assert not found(daily([100] * 9, missing=0.1), NULLS).violated
    assert found(daily([100] * 9, missing=0.0), NULLS).violated
    assert found(daily([100] * 9, missing=0.5), NULLS).violated
    assert not found(daily([100] * 9, missing=0.0), NULLS | {"min_change": 0.2}).violated


def test_too_few_runs_are_no_violation_and_said(found):
    finding = found(daily([5000] * 6), ROWS)
    assert not finding.violated
    assert finding.message == "100 rows; not compared: 6 earlier runs, 7 are needed (min_runs)"
    assert found(daily([5000] * 6), ROWS | {"min_runs": 3}).violated


def test_only_the_same_weekday_counts_where_the_season_says_so(found):
    weeks = daily([100.0 if day % 7 == 0 else 900.0 for day in range(70, 0, -1)])
    assert found(weeks, ROWS).violated
    finding = found(weeks, ROWS | {"season": "weekday"})
    assert not finding.violated
    assert "the last 10 runs on a Thursday" in finding.message


def test_only_the_last_runs_count(found):
    history = daily([900.0] * 20 + [100.0] * 10)
    assert not found(history, ROWS | {"runs": 10}).violated


def test_later_runs_and_windows_of_another_length_are_not_comparable():
    week = Window(JANUARY.end - timedelta(days=7), JANUARY.end)
    history = History((run(-1, rows={"": 1}), run(0, rows={"": 2}), run(1, week, rows={"": 3}), run(2, rows={"": 4})))
    assert [r.value("rows") for r in history.before(JANUARY)] == [4]


def test_of_two_runs_about_one_window_the_newer_one_counts_and_adds_to_the_older():
    history = History((run(1, created=9, rows={"": 5}), run(1, created=1, rows={"": 4}, anomaly_rate={"": 0.1})))
    (only,) = history.before(JANUARY)
    assert (only.value("rows"), only.value("anomaly_rate")) == (5, 0.1)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=40), st.integers(3, 20))
def test_the_usual_value_is_numpys_median_and_mad(values, last):
    usual = daily(values).usual("rows", "", JANUARY, "none", last)
    used = np.array(values[-last:])
    assert usual.runs == len(used)
    assert usual.median == pytest.approx(np.median(used))
    assert usual.deviation == pytest.approx(1.4826 * np.median(np.abs(used - np.median(used))))


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (ROWS | {"min_runs": 9, "runs": 5}, "there would never be enough"),
        (NULLS | {"column": "y"}, "no column 'y'"),
        (ROWS | {"factor": 0}, "greater than 0"),
    ],
)
def test_a_check_that_cannot_work_is_refused(dataset_project, check, said):
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}}
    source = {"kind": "parquet", "path": "x"}
    with pytest.raises(ProjectError, match=said):
        dataset_project(source=source, timestamp="at", columns=columns, checks=[check])


def test_what_is_kept_of_a_run(judge, events):
    import pandas as pd

    frame = pd.concat([events("2023-12-05", x=[1.0, 2.0] * 3), events(x=[1.0, None, 3.0, 3.0])])
    reference = {"kind": "fixed", "start": "2023-12-01", "end": "2024-01-01"}
    report = judge(frame, reference=reference, drift={}, checks=[NULLS])
    kept = run_metrics(report, "dag-run")
    assert (kept.run, kept.end, kept.verdict) == ("dag-run", JANUARY.end, "pass")
    assert kept.value("rows") == 4
    assert kept.value("missing_share", "x") == 0.25
    assert kept.value("median", "x") == 3
    assert kept.value("high", "x") == 3
    assert kept.value("drift", "x") == pytest.approx(2 / 3)
    assert kept.value("drifted_columns") == 0
    assert kept.value("anomaly_rate") is None


def test_trends_end_with_this_run(judge, events):
    history = daily([float(n) for n in range(40)], missing=0.5)
    report = judge(events(x=[1.0, None, 3.0, 3.0]), "schema", history=history)
    assert len(report.trends.ends) == 30
    assert report.trends.ends[-1] == JANUARY.end
    lines = {(s.metric, s.column): s.values for s in report.trends.series}
    assert lines["rows", None][-3:] == (38, 39, 4)
    assert lines["missing_share", "x"][-2:] == (0.5, 0.25)
    assert lines["median", "x"] == (None,) * 29 + (3,)


def test_the_first_run_has_no_trends(judge, events):
    assert judge(events(x=[1.0]), "schema").trends is None
