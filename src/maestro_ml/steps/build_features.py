"""The step `build_features`: a point-in-time training set for a model."""

import hashlib
from dataclasses import asdict

from maestro_ml.core.wording import plural
from maestro_ml.features.training_sets import BuiltTrainingSet, build_training_set
from maestro_ml.project import Project
from maestro_ml.steps.result import StepResult
from maestro_ml.steps.step import NoParameters, StepRun
from maestro_ml.training.examples import TrainingSet
from maestro_ml.training.origin import Origin, PartOfRows, SourceFile, declared_dataset, declared_model

TRAINING_SET = "training_set.parquet"


class BuildFeaturesResult(StepResult):
    """The description of `training_set.parquet` and its columns, and what it was built from."""

    training_set: TrainingSet
    origin: Origin | None = None  # of results of earlier versions


def build_features(run: StepRun[NoParameters]) -> BuildFeaturesResult:
    """Build the labelled rows of the model's window with the features as they were known at each row's time."""
    model = run.project.models[run.target]
    run.progress(f"rows of {model.dataset} in {run.window}, features of {model.feature_service or 'its own columns'}")
    with run.folder.writing(TRAINING_SET) as file:
        built = build_training_set(run.project, run.target, run.window, file)
        with file.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
    keyless = [f"{count:,} without {key} have no features of it" for key, count in built.feast.keyless.items()]
    size = f"{plural(built.rows, 'row')} x {plural(len(built.features), 'feature')}"
    left_out = f"{size}; {built.unlabelled:,} without a label left out"
    return BuildFeaturesResult(
        outcome="passed",
        summary="; ".join([left_out, *keyless]),
        artifacts={"training set": run.folder.path(TRAINING_SET)},
        training_set=TrainingSet(
            rows=built.rows,
            features=built.features,
            label=model.label,
            timestamp=run.project.datasets[model.dataset].timestamp,
            group=model.split.by if model.split else None,
            views=built.feast.views,
            newer=built.newer,
            written_later=built.feast.written_later,
            regression=model.predicts_numbers,
            dropped_unlabelled=built.unlabelled,
            sha256=digest,
        ),
        origin=_origin(run.project, run.target, built),
    )


def _origin(project: Project, name: str, built: BuiltTrainingSet) -> Origin:
    dataset = project.models[name].dataset
    return Origin(
        model=declared_model(project, name),
        dataset=declared_dataset(project, dataset),
        source=project.datasets[dataset].source.kind,
        files=tuple(SourceFile(of=of, **asdict(file)) for of, files in built.files.items() for file in files),
        definitions=built.feast.definitions,
        columns=built.digests.columns,
        parts=tuple(PartOfRows(**asdict(part)) for part in built.digests.parts),
    )
