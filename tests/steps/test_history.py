"""Every run's metrics are kept in the run store, once a run, and the next run is held against them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from maestro_ml.project import Project, Window
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.steps.history import SHOWN_RUNS, history_folder, read_history, write_metrics
from maestro_ml.validation.history.runs import RunMetrics

END = datetime(2024, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def project(tmp_path: Path, dataset_project: Callable) -> Project:
    """Provide ten rows a day in January; a run looks at one day."""
    times = pd.date_range("2024-01-01", periods=310, freq="144min", tz="UTC")
    pd.DataFrame({"at": times, "x": [float(i % 7) for i in range(310)]}).to_parquet(tmp_path / "events.parquet")
    return dataset_project(
        source={"kind": "parquet", "path": "events.parquet"},
        timestamp="at",
        window="1d",
        columns={"at": {"type": "timestamp"}, "x": {"type": "number"}},
        checks=[{"check": "row_count_history", "min_runs": 3}],
    )


def folder(store: str, run: str) -> StepFolder:
    return StepFolder.of_run(store, "validation", run, "validate", "events")


def metrics(days_before: int, run: str = "a", rows: float = 10) -> RunMetrics:
    end = END - DAY * days_before
    return RunMetrics(
        run=run, start=end - DAY, end=end, created=end, verdict="warn", values={"rows": {"": rows}, "low": {"x": -0.5}}
    )


def history(store: str, project: Project, end: datetime = END):
    return read_history(store, "events", project.datasets["events"], Window(end - DAY, end))


def test_what_is_kept_reads_back(store, project):
    written = metrics(1)
    uri = write_metrics(folder(store, "a"), written)
    assert uri == f"{store}/history/events/2024-01-31T000000Z-a.parquet"
    assert history(store, project).runs == (written,)


def test_runs_of_windows_that_end_within_one_second_are_kept_beside_each_other(store, project):
    early = metrics(1)
    late = early.model_copy(update={"end": early.end + timedelta(milliseconds=250), "values": {"rows": {"": 20.0}}})
    assert write_metrics(folder(store, "a"), late) == f"{store}/history/events/2024-01-31T000000.250000Z-a.parquet"
    write_metrics(folder(store, "a"), early)
    assert history(store, project).runs == (early, late)
    assert history(store, project, end=late.end).runs == (early,)


def test_anybody_can_read_the_files(tmp_path, project):
    import duckdb

    for day in (1, 2):
        write_metrics(folder(str(tmp_path), "a"), metrics(day, rows=day))
    query = "SELECT value FROM read_parquet(?) WHERE metric = 'rows' ORDER BY \"end\""
    assert duckdb.execute(query, [f"{tmp_path}/history/events/*.parquet"]).fetchall() == [(2.0,), (1.0,)]


def test_without_a_history_there_is_none(store, project):
    assert history(store, project).runs == ()


def test_the_same_run_made_again_replaces_its_metrics(store, project):
    for rows in (10, 20):
        write_metrics(folder(store, "a"), metrics(1, rows=rows))
    (only,) = history(store, project).runs
    assert only.value("rows") == 20


def test_later_runs_are_not_read(store, project):
    for day in (0, -1, 1):
        write_metrics(folder(store, "a"), metrics(day))
    assert [run.end for run in history(store, project).runs] == [END - DAY]


def test_no_more_is_read_than_anybody_looks_at(store, project):
    for day in range(1, SHOWN_RUNS + 4):
        write_metrics(folder(store, "a"), metrics(day))
    assert len(history(store, project).runs) == SHOWN_RUNS


def test_a_weekly_season_reaches_further_back(tmp_path, dataset_project):
    columns = {"at": {"type": "timestamp"}}
    checks = [{"check": "row_count_history", "season": "weekday", "runs": 8}]
    source = {"kind": "parquet", "path": "events.parquet"}
    project = dataset_project(source=source, timestamp="at", window="1d", columns=columns, checks=checks)
    for day in range(1, 71):
        write_metrics(folder(str(tmp_path), "a"), metrics(day))
    ends = {run.end for run in history(str(tmp_path), project).runs}
    assert {END - 7 * DAY * week for week in range(1, 9)} <= ends
    assert len(ends) == SHOWN_RUNS + 4


def test_a_damaged_file_is_left_out_by_name(store, project):
    write_metrics(folder(store, "a"), metrics(1))
    history_folder(store, "events").write("2024-01-30T000000Z-b.parquet", b"PAR1 and then nothing")
    found = history(store, project)
    assert [run.run for run in found.runs] == ["a"]
    assert found.left_out == ("2024-01-30T000000Z-b.parquet",)


def test_a_file_that_is_listed_and_gone_is_left_out_by_name(tmp_path, project):
    write_metrics(folder(str(tmp_path), "a"), metrics(1))
    place = Path(history_folder(str(tmp_path), "events").uri)
    (place / "2024-01-30T000000Z-gone.parquet").symlink_to(place / "nowhere")
    found = history(str(tmp_path), project)
    assert ([run.run for run in found.runs], found.left_out) == (["a"], ("2024-01-30T000000Z-gone.parquet",))


def test_run_after_run_a_baseline_grows_and_a_broken_load_is_seen(store, project, tmp_path):
    outcomes = []
    for day in range(5):
        end = datetime(2024, 1, 20, tzinfo=UTC) + day * DAY
        if day == 4:
            frame = pd.read_parquet(tmp_path / "events.parquet")
            frame[frame["at"] < pd.Timestamp(end - DAY / 2)].to_parquet(tmp_path / "events.parquet")
        outcomes.append(run_step("validate", project, folder(store, f"run:{day}"), end=end).result.verdict)
    assert outcomes == ["pass"] * 4 + ["warn"]


def test_a_run_again_is_not_its_own_history(store, project):
    for _ in range(2):
        run_step("validate", project, folder(store, "one"), end=END)
    assert len(history(store, project, END + DAY).runs) == 1
    assert history(store, project).runs == ()


def test_runs_of_two_dags_are_not_mixed(store, project):
    other = StepFolder.of_run(store, "training", "one", "validate", "events")
    assert other.run_name == "training/one"
    for place in (folder(store, "one"), other):
        run_step("validate", project, place, end=END)
    assert len(history_folder(store, "events").names(".parquet")) == 2


def test_runs_whose_names_join_to_the_same_text_keep_their_own_metrics(store):
    runs = [StepFolder.of_run(store, *names, "validate", "events") for names in (("a-b", "c"), ("a", "b-c"))]
    uris = {write_metrics(run, metrics(1, run.run_name)) for run in runs}
    assert len(uris) == 2
