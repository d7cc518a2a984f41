"""Log a candidate in an MLflow experiment: one run, however often the step is tried."""

import tempfile
import warnings
from importlib.metadata import packages_distributions, version
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from maestro_ml.core.own_code import distributions_of
from maestro_ml.training.candidate import Candidate
from maestro_ml.training.gate import Decision
from maestro_ml.training.tracking import maestro_model
from maestro_ml.training.tracking.client import artifact_location
from maestro_ml.training.tracking.requirements import requirements_unchecked
from maestro_ml.training.tracking.tracker import CandidateRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.models import ModelSignature

REFERENCE = "models:/"  # and the id of the logged model
_LONGEST_PARAMETER = 6000  # characters, mlflow.utils.validation
CANDIDATE = "maestro.candidate"
TEST_START, TEST_END = "maestro.test_start", "maestro.test_end"  # tags of runs; versions have the end too
DRAWN, UNTIMED = "maestro.drawn", "maestro.untimed"  # tags of runs: how test rows were drawn; that rows have no time


def log_candidate(client: "MlflowClient", uri: str, experiment: str, record: CandidateRecord) -> str:
    """Log parameters, metrics, the decision and the model, rejected or not; find a candidate that is logged already.

    Returns:
        The logged model's URI, `models:/<id>`.
    """
    experiment_id = _experiment(client, experiment, artifact_location(uri))
    found = client.search_runs([experiment_id], f"tags.`{CANDIDATE}` = '{record.candidate.fingerprint}'", max_results=1)
    run = found[0] if found else _create_run(client, experiment_id, record)
    run_id = str(run.info.run_id)
    model_id = _logged_model(client, experiment_id, run_id, record)
    if run.info.status != "FINISHED":
        _fill(client, run_id, model_id, record)
    return f"{REFERENCE}{model_id}"


def _experiment(client: "MlflowClient", name: str, location: str | None) -> str:
    from mlflow.exceptions import MlflowException

    if known := client.get_experiment_by_name(name):
        return str(known.experiment_id)
    try:
        return str(client.create_experiment(name, location))
    except MlflowException as error:
        # Another process created it in the meantime: two models of one run register at the same time.
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        return str(client.get_experiment_by_name(name).experiment_id)


def _create_run(client: "MlflowClient", experiment_id: str, record: CandidateRecord) -> "Run":
    candidate, decision = record.candidate, record.decision
    tags = {
        CANDIDATE: candidate.fingerprint,
        "maestro.run": record.run,
        "maestro.model": candidate.model,
        "maestro.dataset": candidate.dataset,
        "maestro.serialization": candidate.serialization,
        "maestro.train_start": candidate.train.start.isoformat(),
        TEST_START: record.evaluation.test.start.isoformat(),
        TEST_END: record.evaluation.test.end.isoformat(),
        "maestro.decision": "passed" if decision.passed else "rejected",
        "mlflow.note.content": decision.reason,
        **({DRAWN: record.evaluation.test.drawn} if record.evaluation.test.drawn else {}),
        **({} if record.evaluation.test.timed else {UNTIMED: "true"}),
        **{f"maestro.version.{name}": number for name, number in candidate.versions.items()},
    }
    name = f"{candidate.model} {record.evaluation.test.end:%Y-%m-%d}"
    return client.create_run(experiment_id, tags=tags, run_name=name)


def _logged_model(client: "MlflowClient", experiment_id: str, run_id: str, record: CandidateRecord) -> str:
    found = client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'", max_results=1)
    model = found[0] if found else client.create_logged_model(experiment_id, record.candidate.model, run_id)
    return str(model.model_id)


def _fill(client: "MlflowClient", run_id: str, model_id: str, record: CandidateRecord) -> None:
    from mlflow.entities import LoggedModelOutput, Metric, Param

    candidate = record.candidate
    parameters = {
        "estimator": candidate.estimator,
        **candidate.defaults,
        **candidate.parameters,
        "features": ", ".join(candidate.features),
        "label": candidate.label,
        "task": candidate.target.task,
        "train_rows": candidate.train.rows,
        "test_rows": record.evaluation.test.rows,
        "gate": _rule(record.decision),
    }
    if candidate.class_weight:
        parameters["class_weight"] = candidate.class_weight
    if candidate.search:
        parameters["search"] = str(candidate.search)
    values = record.evaluation.candidate.scalars()
    values |= {f"baseline_{name}": value for name, value in record.evaluation.baseline.scalars().items()}
    now = int(time() * 1000)
    client.log_batch(
        run_id,
        [
            *(Metric(name, value, now, 0, model_id=model_id) for name, value in values.items()),
            *(Metric("search_score", each.score, now, step) for step, each in _judged_trials(candidate)),
        ],
        [Param(name, _cut(str(value))) for name, value in parameters.items()],
    )
    for name, content in record.files.items():
        _log_file(client, run_id, name, content)
    with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
        folder = Path(scratch) / "model"
        _save_model(folder, run_id, model_id, record)
        client.log_model_artifacts(model_id, str(folder))
    client.finalize_logged_model(model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model_id, 0)])
    client.set_terminated(run_id, "FINISHED")


def _judged_trials(candidate: Candidate) -> "list[tuple[int, Any]]":
    """Return the trials of the candidate's search that have a score, each with its place."""
    trials = candidate.search.trials if candidate.search else ()
    return [(place, trial) for place, trial in enumerate(trials) if trial.score is not None]


def _cut(text: str) -> str:
    """Return what MLflow keeps of a parameter; it warns of each that it cuts itself. The model has all features."""
    return text if len(text) <= _LONGEST_PARAMETER else f"{text[: _LONGEST_PARAMETER - 4]} ..."


def _rule(decision: Decision) -> str:
    sign = ">" if decision.higher_is_better else "<"
    also = f" and {sign} majority class" if decision.needs_to_beat_baseline else ""
    return f"{decision.metric} {sign} {decision.threshold:.15g}{also}"


def _log_file(client: "MlflowClient", run_id: str, name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
        file = Path(scratch) / name
        file.write_bytes(content)
        client.log_artifact(run_id, str(file))


def _save_model(folder: Path, run_id: str, model_id: str, record: CandidateRecord) -> None:
    """Make an MLflow model of the file that `train` wrote, without serialising it again."""
    import mlflow.pyfunc
    from mlflow.models import Model
    from mlflow.sklearn import FLAVOR_NAME

    candidate = record.candidate
    described = Model(run_id=run_id, model_id=model_id, model_uuid=model_id)
    with warnings.catch_warnings(), requirements_unchecked():
        warnings.simplefilter("ignore", UserWarning)  # there is no example where a feature is personal
        mlflow.pyfunc.save_model(
            str(folder),
            loader_module=maestro_model.__name__.rpartition(".")[2],
            data_path=str(record.model),
            code_paths=[maestro_model.__file__, *map(str, record.code)],
            mlflow_model=described,
            signature=_signature(candidate),
            input_example=record.example,
            # Given, because working them out costs MLflow some ten seconds in a new process.
            pip_requirements=_requirements(record),
            metadata={
                "maestro": {
                    "model": candidate.model,
                    "fingerprint": candidate.fingerprint,
                    "features": candidate.features,
                    "task": candidate.target.task,
                    "classes": list(candidate.target.classes),
                }
            },
        )
    # For mlflow.sklearn.load_model; only callers of mlflow.pyfunc go through the casts of maestro_model.
    described.add_flavor(
        FLAVOR_NAME,
        pickled_model=described.flavors["python_function"]["data"],
        sklearn_version=version("scikit-learn"),
        serialization_format=candidate.serialization,
        code=described.flavors["python_function"]["code"],
        **({"skops_trusted_types": candidate.trusted_types} if candidate.pickled is None else {}),
    )
    described.save(str(folder / "MLmodel"))


def _signature(candidate: Candidate) -> "ModelSignature":
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import AnyType

    # Any type: a column of numbers may be integers, booleans, doubles, decimals, each with or without missing values,
    # and no type of MLflow's takes them all. `maestro_model` casts; the metadata says what a column is.
    inputs = Schema([ColSpec(AnyType(), name) for name in candidate.features])
    kinds = {type(label) for label in candidate.target.classes} or {float}
    answer = DataType.string if kinds == {str} else DataType.long if kinds == {int} else DataType.double
    return ModelSignature(inputs, Schema([ColSpec(answer)]))


def _requirements(record: CandidateRecord) -> list[str]:
    package = record.candidate.estimator.partition(".")[0]
    names: set[Any] = {
        "scikit-learn",
        record.candidate.serialization,
        "numpy",
        "pandas",
        *distributions_of(record.code),
    }
    if package != "sklearn":  # a look through every installed package costs a second
        names |= set(packages_distributions().get(package, []))
    return [f"{name}=={version(name)}" for name in sorted(names)]
