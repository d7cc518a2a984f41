"""Make a training again from its decision record, and compare. Nothing is written outside a temporary folder."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import maestro_ml
from maestro_ml.project import MaestroError, Project, RequestError, Window
from maestro_ml.project.datasets import Column
from maestro_ml.steps.build_features import BuildFeaturesResult
from maestro_ml.steps.decision_record import image_of
from maestro_ml.steps.runner import run_step
from maestro_ml.steps.step import NoParameters, StepRun
from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.tested import tested_candidate
from maestro_ml.tables.file_digests import dataset_files
from maestro_ml.training.decision.differences import Difference, Rebuilt, Refitted, Today, differences
from maestro_ml.training.decision.environment import environment_of
from maestro_ml.training.decision.record import DecisionRecord
from maestro_ml.training.origin import Origin, declared_dataset, declared_model, recorded_model


@dataclass(frozen=True)
class Reproduction:
    """The outcome of a training that was made again.

    Attributes:
        error: why it could not be finished; None if it was.
        differences: everything that is not as it was recorded.
    """

    differences: tuple[Difference, ...]
    error: str | None = None

    @property
    def equal(self) -> bool:
        """Whether the rows, the model and every metric are equal."""
        return self.error is None and not any(each.is_result for each in self.differences)


def reproduce(
    project: Project, record: DecisionRecord, progress: Callable[[str], None] = lambda _: None
) -> Reproduction:
    """Build the same rows, fit and evaluate as the record says, and compare with it.

    Raises:
        RequestError: the record lacks what it takes, or the project has no such model or dataset.
        MaestroError: a system failed.
    """
    name = record.candidate.model
    if record.origin is None:
        raise RequestError(
            f"the decision record was written by Maestro {record.maestro}, and lacks what was declared and the digests "
            "of files and rows; versions that are trained from now on have them"
        )
    today = Today(
        model=declared_model(project, name),
        dataset=_declared_today(project, record.candidate.dataset),
        source=project.datasets[record.candidate.dataset].source.kind,
        environment=environment_of(image_of(project)),
        maestro=maestro_ml.__version__,
    )
    recorded = _as_recorded(project, record, record.origin)
    rebuilt, refitted, error = None, None, None
    with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
        folder = StepFolder.of_run(scratch, "reproduce", "run", "build_features", name)
        run = StepRun(recorded, Window(record.window_start, record.window_end), name, NoParameters(), folder, progress)
        try:
            rebuilt = _rebuilt(run)
            refitted = _refitted(run)
        except MaestroError as failure:
            if failure.exit_code == MaestroError.exit_code:  # a system failed: nothing is known
                raise
            error = str(failure)
    found = differences(record, today, rebuilt, refitted)
    if rebuilt is None:
        found = [*_lost_files(project, record, record.origin), *found]
    return Reproduction(tuple(found), error)


def _declared_today(project: Project, dataset: str) -> dict[str, object]:
    if dataset not in project.datasets:
        raise RequestError(f"the model was trained on the dataset {dataset}, which the project no longer has")
    return declared_dataset(project, dataset)


def _as_recorded(project: Project, record: DecisionRecord, origin: Origin) -> Project:
    """Return the project with the model and the contract of its dataset as they were when it was trained."""
    name = record.candidate.dataset
    contract = {
        "timestamp": origin.dataset["timestamp"],
        "keys": tuple(origin.dataset["keys"]),
        "columns": {key: Column.model_validate(column) for key, column in origin.dataset["columns"].items()},
        "extra_columns": origin.dataset["extra_columns"],
    }
    dataset = project.datasets[name].model_copy(update=contract)
    model = recorded_model(origin.model)
    return project.model_copy(
        update={
            "models": {**project.models, record.candidate.model: model},
            "datasets": {**project.datasets, name: dataset},
        }
    )


def _step(run: StepRun[NoParameters], step: str) -> None:
    run_step(
        step,
        run.project,
        run.folder.of_step(step),
        start=run.window.start,
        end=run.window.end,
        progress=run.progress,
    )


def _rebuilt(run: StepRun[NoParameters]) -> Rebuilt:
    _step(run, "build_features")
    built = run.result_of("build_features", BuildFeaturesResult)
    assert built.origin is not None
    return Rebuilt(built.training_set, built.origin)


def _refitted(run: StepRun[NoParameters]) -> Refitted:
    _step(run, "train")
    tested = tested_candidate(run)
    return Refitted(tested.candidate, tested.evaluation, tested.model_sha256)


def _lost_files(project: Project, record: DecisionRecord, origin: Origin) -> list[Difference]:
    """Return the dataset's files that are gone, where the rows could not be built."""
    try:
        there = {file.name for file in dataset_files(project, record.candidate.dataset)}
    except MaestroError:
        there = set()
    of = f"dataset {record.candidate.dataset}"
    gone = [file for file in origin.files if file.of == of and file.name not in there]
    return [
        Difference(kind="file", name=f"{file.name} of {of}", recorded=f"{file.bytes:,} bytes", found="none")
        for file in gone
    ]
