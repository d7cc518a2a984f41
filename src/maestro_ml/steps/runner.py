"""Run one step, for the command line, a pod and an Airflow task alike."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

import maestro_ml
from maestro_ml.core.boundary import boundary
from maestro_ml.core.memory import peak_memory, release
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.stdout import printing_to_stderr
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.steps.registry import find_step
from maestro_ml.steps.result import StepRecord, StepResult
from maestro_ml.steps.step import Step, StepRun
from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.store import FAILURE, RESULT, TRACEBACK


def step_window(step: Step, project: Project, target: str, end: datetime, start: datetime | None = None) -> Window:
    """Return the window of a step: it ends at `end`, and has the project's length unless `start` is given."""
    dataset = project.datasets.get(target) if step.name == "validate" else None
    if start and dataset and dataset.timestamp is None:
        raise RequestError(f"dataset {target} has no timestamp: it is read as a whole, without --start")
    try:
        return Window(start, end) if start else Window.ending(end, step.length(project, target))
    except OverflowError:
        raise RequestError(f"a window that ends at {end.isoformat()} would start before the year 1") from None
    except ValueError as error:
        raise RequestError(str(error)) from error


def run_step(
    name: str,
    project: Project,
    folder: StepFolder,
    *,
    end: datetime,
    start: datetime | None = None,
    params: Mapping[str, Any] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> StepRecord[StepResult]:
    """Run a step and leave `result.json` in its folder, last of all.

    Raises:
        RequestError: the step, target, window or parameters are wrong; nothing was done.
        MaestroError: a system failed; the folder is unchanged, or has no `result.json`.
    """
    step = find_step(name)
    check_target(step, project, folder.target)
    try:
        parameters = step.params.model_validate(dict(params or {}))
    except ValidationError as error:
        details = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise RequestError(f"parameters of {name}: {details}") from error
    window = step_window(step, project, folder.target, end, start)
    doing = f"{name} {folder.target}".rstrip()
    with (
        boundary(doing, project, keep=lambda text: folder.write(TRACEBACK, text.encode())),
        folder.alone(lambda: progress(f"{doing}: waiting for another run of it in {folder.run_uri}")),
    ):
        return _run(step, StepRun(project, window, folder.target, parameters, folder, progress))


def _run(step: Step, run: StepRun[Any]) -> StepRecord[StepResult]:
    folder = run.folder
    began = time.perf_counter()
    folder.sweep()
    with printing_to_stderr():
        result = step.load()(run)
    release()
    record = StepRecord[StepResult](
        step=step.name,
        target=run.target,
        window_start=run.window.start,
        window_end=run.window.end,
        uri=folder.uri,
        finished_at=datetime.now(UTC),
        seconds=round(time.perf_counter() - began, 3),
        peak_mb=round(peak_memory() / 2**20, 1),
        version=maestro_ml.__version__,
        result=result,
    )
    folder.write_model(RESULT, record)
    for name in (TRACEBACK, FAILURE):  # of earlier tries
        folder.discard(name)
    return record


def check_target(step: Step, project: Project, target: str) -> None:
    """Raise RequestError if the step does not work on this target."""
    if step.targets is None:
        if target:
            raise RequestError(f"{step.name} takes no target; found '{target}'")
        return
    targets = step.targets(project)
    known = list(targets)
    if target in known:
        return
    if not target or not known:
        found = f"; found '{target}'" if target else ""
        raise RequestError(f"{step.name} needs one of: {', '.join(known) or 'none, the project has none'}{found}")
    kind = "dataset" if targets is project.datasets else "model"
    raise RequestError(f"no {kind} '{target}'{did_you_mean(target, known)}")
