"""A candidate in MLflow's experiment: one run, however often the step is tried."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from maestro_ml.training.candidate import Candidate
from maestro_ml.training.evaluation import Evaluation
from maestro_ml.training.gate import Decision
from maestro_ml.training.tracking import maestro_model
from maestro_ml.training.tracking.client import artifact_location

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.models import ModelSignature
    from sklearn.pipeline import Pipeline

_KEY = "maestro.candidate"
TEST_START, TEST_END = "maestro.test_start", "maestro.test_end"  # tags of runs; the end is a version's too


@dataclass(frozen=True)
class Entry:
    """All that is kept of a judged candidate."""

    run: str  # the run's folder in the run store
    candidate: Candidate
    evaluation: Evaluation
    decision: Decision
    pipeline: "Pipeline"
    example: "pd.DataFrame | None"  # a few test rows; none where a feature is `pii`
    files: Mapping[str, bytes]  # report.html and decision.json


@dataclass(frozen=True)
class Logged:
    """Where MLflow keeps it."""

    experiment_id: str
    run_id: str
    model_id: str


def log_candidate(client: "MlflowClient", uri: str, experiment: str, entry: Entry) -> Logged:
    """Log parameters, metrics, the decision and the model, rejected or not; one already logged is only found."""
    experiment_id = _experiment(client, experiment, artifact_location(uri))
    found = client.search_runs([experiment_id], f"tags.`{_KEY}` = '{entry.candidate.fingerprint}'", max_results=1)
    run = found[0] if found else _create_run(client, experiment_id, entry)
    model_id = _logged_model(client, experiment_id, run.info.run_id, entry)
    logged = Logged(experiment_id, run.info.run_id, model_id)
    if run.info.status != "FINISHED":
        _fill(client, logged, entry)
    return logged


def _experiment(client: "MlflowClient", name: str, location: str | None) -> str:
    from mlflow.exceptions import MlflowException

    if known := client.get_experiment_by_name(name):
        return str(known.experiment_id)
    try:
        return str(client.create_experiment(name, location))
    except MlflowException as error:
        # Two models of one run are judged at the same time; the other one was first.
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        return str(client.get_experiment_by_name(name).experiment_id)


def _create_run(client: "MlflowClient", experiment_id: str, entry: Entry) -> "Run":
    candidate, decision = entry.candidate, entry.decision
    tags = {
        _KEY: candidate.fingerprint,
        "maestro.run": entry.run,
        "maestro.model": candidate.model,
        "maestro.dataset": candidate.dataset,
        "maestro.train_start": candidate.train.start.isoformat(),
        TEST_START: entry.evaluation.test.start.isoformat(),
        TEST_END: entry.evaluation.test.end.isoformat(),
        "maestro.decision": "passed" if decision.passed else "rejected",
        "mlflow.note.content": decision.reason,
        **{f"maestro.version.{name}": number for name, number in candidate.versions.items()},
    }
    name = f"{candidate.model} {entry.evaluation.test.end:%Y-%m-%d}"
    return client.create_run(experiment_id, tags=tags, run_name=name)


def _logged_model(client: "MlflowClient", experiment_id: str, run_id: str, entry: Entry) -> str:
    found = client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'", max_results=1)
    model = found[0] if found else client.create_logged_model(experiment_id, entry.candidate.model, run_id)
    return str(model.model_id)


def _fill(client: "MlflowClient", logged: Logged, entry: Entry) -> None:
    from mlflow.entities import LoggedModelOutput, Metric, Param

    candidate = entry.candidate
    parameters = {
        "estimator": candidate.estimator,
        **candidate.parameters,
        "features": ", ".join(candidate.features),
        "label": candidate.label,
        "train_rows": candidate.train.rows,
        "test_rows": entry.evaluation.test.rows,
        "gate": _rule(entry.decision),
    }
    values = entry.evaluation.candidate.scalars()
    values |= {f"baseline_{name}": value for name, value in entry.evaluation.baseline.scalars().items()}
    now = int(time() * 1000)
    client.log_batch(
        logged.run_id,
        [Metric(name, value, now, 0, model_id=logged.model_id) for name, value in values.items()],
        [Param(name, str(value)) for name, value in parameters.items()],
    )
    for name, content in entry.files.items():
        _log_file(client, logged.run_id, name, content)
    with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
        folder = Path(scratch) / "model"
        _save_model(folder, logged, entry)
        client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_outputs(logged.run_id, [LoggedModelOutput(logged.model_id, 0)])
    client.set_terminated(logged.run_id, "FINISHED")


def _rule(decision: Decision) -> str:
    also = " and > majority class" if decision.needs_to_beat_baseline else ""
    return f"{decision.metric} > {decision.threshold:.15g}{also}"


def _log_file(client: "MlflowClient", run_id: str, name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
        file = Path(scratch) / name
        file.write_bytes(content)
        client.log_artifact(run_id, str(file))


def _save_model(folder: Path, logged: Logged, entry: Entry) -> None:
    import mlflow.sklearn
    from mlflow.models import Model

    described = Model(run_id=logged.run_id, model_id=logged.model_id, model_uuid=logged.model_id)
    mlflow.sklearn.save_model(
        entry.pipeline,
        str(folder),
        mlflow_model=described,
        code_paths=[maestro_model.__file__],
        serialization_format=mlflow.sklearn.SERIALIZATION_FORMAT_SKOPS,
        skops_trusted_types=entry.candidate.trusted_types,
        signature=_signature(entry.candidate),
        input_example=entry.example,
        # Given, because working them out costs MLflow some ten seconds in a new process.
        pip_requirements=_requirements(entry.candidate),
        metadata={
            "maestro": {
                "model": entry.candidate.model,
                "fingerprint": entry.candidate.fingerprint,
                "features": entry.candidate.features,
            }
        },
    )
    # The sklearn flavor stays as it is; only callers of mlflow.pyfunc go through the casts.
    described.flavors["python_function"]["loader_module"] = maestro_model.__name__.rpartition(".")[2]
    described.save(str(folder / "MLmodel"))


def _signature(candidate: Candidate) -> "ModelSignature":
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import AnyType

    # Any type: a column of numbers may be integers, booleans, doubles, decimals, each with or without missing values,
    # and no type of MLflow's takes them all. `maestro_model` casts; the metadata says what a column is.
    inputs = Schema([ColSpec(AnyType(), name) for name in candidate.features])
    return ModelSignature(inputs, Schema([ColSpec(DataType.long)]))


def _requirements(candidate: Candidate) -> list[str]:
    package = candidate.estimator.partition(".")[0]
    names: set[Any] = {"scikit-learn", "skops", "numpy", "pandas"}
    if package != "sklearn":  # a look through every installed package costs a second
        names |= set(packages_distributions().get(package, []))
    return [f"{name}=={version(name)}" for name in sorted(names)]
