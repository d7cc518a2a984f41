"""Running a step: what is checked first, and what is left behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import counting_step
import psutil
import pytest
from counting_step import PATH, Counted

from maestro_ml.project import MaestroError, Project, RequestError, load_project
from maestro_ml.steps import STEPS, StepFolder, StepRecord, StepResult, find_step, run_step
from maestro_ml.steps.step import StepRun

END = datetime(2024, 5, 1, tzinfo=UTC)
Body = Callable[[StepRun[Any]], StepResult]


@pytest.fixture
def project(mini: Path) -> Project:
    return load_project(mini)


@pytest.fixture
def folder(tmp_path: Path) -> StepFolder:
    return StepFolder.of_run(str(tmp_path), "dag", "run", PATH, "trips")


@pytest.fixture
def body(monkeypatch: pytest.MonkeyPatch) -> Callable[[Body], None]:
    """Give a function that makes another function the body of the step `count`."""
    return lambda function: monkeypatch.setattr(counting_step, "count", function)


def test_the_record_says_what_was_run_about_what_and_what_came_of_it(project: Project, folder: StepFolder) -> None:
    record = run_step(PATH, project, folder, end=END, params={"times": 3})
    assert (record.step, record.target, record.uri) == ("count", "trips", folder.uri)
    assert (record.window_start, record.window_end) == (END - timedelta(days=2), END)
    assert record.seconds >= 0
    assert record.peak_mb > 1
    left = folder.read_model("result.json", StepRecord[Counted])
    assert left == record
    assert left.result.count == 3


def test_a_start_overrides_the_projects_length(project: Project, folder: StepFolder) -> None:
    record = run_step(PATH, project, folder, end=END, start=END - timedelta(hours=1))
    assert record.window_end - record.window_start == timedelta(hours=1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "validte"}, "no step 'validte'; did you mean 'validate'"),
        ({"name": "zzz"}, "no step 'zzz'; there are: validate, "),
        ({"target": "trip"}, "no dataset 'trip'; did you mean 'trips'?"),
        ({"target": ""}, "count needs one of: trips, depots"),
        ({"params": {"times": "often"}}, "parameters of counting_step.COUNT: times: Input should be a valid integer"),
        ({"params": {"tmes": 1}}, "parameters of counting_step.COUNT: tmes: Extra inputs"),
        ({"start": END}, "must start before it ends"),
        ({"end": END.replace(tzinfo=None)}, "timezone-aware"),
    ],
)
def test_a_wrong_request_does_nothing(
    changed: dict[str, Any], message: str, project: Project, tmp_path: Path, body: Callable[[Body], None]
) -> None:
    called = []
    body(lambda run: called.append(run) or Counted(outcome="passed", summary="", count=0))  # type: ignore[func-returns-value]
    folder = StepFolder.of_run(str(tmp_path), "dag", "run", PATH, changed.pop("target", "trips"))
    request = {"name": PATH, "end": END, **changed}
    with pytest.raises(RequestError, match=message) as caught:
        run_step(project=project, folder=folder, **request)
    assert caught.value.exit_code == 2
    assert called == []
    assert list(tmp_path.iterdir()) == []


def test_a_step_about_the_whole_project_takes_no_target(project: Project, tmp_path: Path) -> None:
    folder = StepFolder.of_run(str(tmp_path), "dag", "run", "materialize", "trips")
    with pytest.raises(RequestError, match="materialize takes no target; found 'trips'"):
        run_step("materialize", project, folder, end=END)


def test_an_attempt_that_fails_leaves_no_result_not_even_the_last_ones(
    project: Project, folder: StepFolder, body: Callable[[Body], None]
) -> None:
    run_step(PATH, project, folder, end=END)

    def fail(run: StepRun[Any]) -> StepResult:
        run.folder.write("report.html", b"so far")
        raise MaestroError("the database is down")

    body(fail)
    with pytest.raises(MaestroError, match="database is down"):
        run_step(PATH, project, folder, end=END)
    assert not folder.exists("result.json")


def test_the_result_is_written_last(project: Project, folder: StepFolder, body: Callable[[Body], None]) -> None:
    def look(run: StepRun[Any]) -> StepResult:
        assert not run.folder.exists("result.json")
        run.folder.write("report.html", b"done")
        return Counted(outcome="failed", summary="no", count=0)

    body(look)
    assert run_step(PATH, project, folder, end=END).result.outcome == "failed"
    assert folder.exists("result.json")


def test_progress_reaches_the_caller(project: Project, folder: StepFolder, body: Callable[[Body], None]) -> None:
    def tell(run: StepRun[Any]) -> StepResult:
        run.progress("half way")
        return Counted(outcome="passed", summary="", count=0)

    body(tell)
    lines: list[str] = []
    run_step(PATH, project, folder, end=END, progress=lines.append)
    assert lines == ["half way"]


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_registered_step_leads_to_a_function_and_a_window(name: str, project: Project) -> None:
    step = find_step(name)
    assert callable(step.load())
    for target in step.targets(project) if step.targets else [""]:
        assert step.length(project, target) > timedelta(0)


def test_the_memory_at_most_used_is_in_mebibytes(project: Project, folder: StepFolder) -> None:
    held = psutil.Process().memory_info().rss / 2**20
    record = run_step(PATH, project, folder, end=END)
    assert held * 0.9 <= record.peak_mb < psutil.virtual_memory().total / 2**20
