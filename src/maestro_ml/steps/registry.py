"""The registry of steps. A new step is an entry here and a module beside it."""

from collections.abc import Iterable
from datetime import timedelta

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.plugins import PluginError, imported, installed, is_import_path
from maestro_ml.project import Project, RequestError
from maestro_ml.steps.parameters import PromoteParameters, RegisterParameters, ValidateParameters
from maestro_ml.steps.step import Step


def _datasets(project: Project) -> Iterable[str]:
    return project.datasets


def _models(project: Project) -> Iterable[str]:
    return project.models


def _of_dataset(project: Project, name: str) -> timedelta:
    return project.datasets[name].window


def _of_model(project: Project, name: str) -> timedelta:
    return project.models[name].window


def _of_features(project: Project, _: str) -> timedelta:
    if project.features is None:
        raise RequestError("the project has no features section")
    return project.features.window


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "validate",
            "check schema, quality, drift and anomalies of a dataset",
            "maestro_ml.steps.validate:validate",
            _datasets,
            _of_dataset,
            ValidateParameters,
        ),
        Step(
            "check_features",
            "check that the feature repo and its stores can be used",
            "maestro_ml.steps.features:check_features",
            None,
            _of_features,
        ),
        Step(
            "materialize",
            "write features to the online store",
            "maestro_ml.steps.features:materialize",
            None,
            _of_features,
        ),
        Step(
            "verify_online",
            "read sampled keys back and compare them",
            "maestro_ml.steps.features:verify_online",
            None,
            _of_features,
        ),
        Step(
            "validate_training",
            "check schema and quality of the rows a model learns from",
            "maestro_ml.steps.validate_training:validate_training",
            _models,
            _of_model,
        ),
        Step(
            "build_features",
            "build a point-in-time training set",
            "maestro_ml.steps.build_features:build_features",
            _models,
            _of_model,
        ),
        Step("train", "fit the estimator", "maestro_ml.steps.train:train", _models, _of_model),
        Step(
            "evaluate",
            "compute test metrics and decide by the gate",
            "maestro_ml.steps.evaluate:evaluate",
            _models,
            _of_model,
        ),
        Step(
            "register",
            "log the candidate in MLflow; register a version if it passed the gate",
            "maestro_ml.steps.register:register",
            _models,
            _of_model,
            RegisterParameters,
        ),
        Step(
            "promote",
            "make the version of this run the champion",
            "maestro_ml.steps.promote:promote",
            _models,
            _of_model,
            PromoteParameters,
        ),
    )
}


def find_step(name: str) -> Step:
    """Return the step of this name, or at this import path; raise RequestError if there is none."""
    if name in STEPS:
        return STEPS[name]
    try:
        found = imported(name) if is_import_path(name) else installed("maestro.steps", name)
    except PluginError as error:
        raise RequestError(f"no step {error}") from error
    if found is None:
        raise RequestError(f"no step '{name}'{did_you_mean(name, STEPS)}")
    if not isinstance(found, Step):
        raise RequestError(f"{name} is no step: it is no maestro_ml.steps.step.Step")
    return found


def is_of_models(name: str, project: Project) -> bool:
    """Whether a step works on one model."""
    targets = find_step(name).targets
    return targets is not None and targets(project) is project.models
