"""Steps: fit a candidate, judge it, register it if the gate passed it."""

from typing import Any

from maestro_ml.observability.metrics import TRAINING_GATE, TRAINING_METRIC
from maestro_ml.steps.build_features import TRAINING_SET, BuildFeaturesResult
from maestro_ml.steps.parameters import RegisterParameters
from maestro_ml.steps.result import R, StepRecord, StepResult
from maestro_ml.steps.step import NoParameters, StepRun
from maestro_ml.steps.store import RESULT, write_together
from maestro_ml.training import evaluation, fitting, gate, model_card, storage
from maestro_ml.training.candidate import Candidate, SplitSummary, fingerprint, versions
from maestro_ml.training.estimator import build_estimator
from maestro_ml.training.evaluation import Evaluation
from maestro_ml.training.examples import Examples
from maestro_ml.training.gate import Decision
from maestro_ml.training.incumbent import measuring
from maestro_ml.training.split import Split, read_part
from maestro_ml.training.tracking import client as tracking
from maestro_ml.training.tracking import experiment, local_store, registry
from maestro_ml.training.tracking.alias import Move
from maestro_ml.training.tracking.experiment import Logged

MODEL = "model.skops"
_EXAMPLE_ROWS = 5


class TrainResult(StepResult):
    """The candidate; the fitted pipeline is `model.skops` beside it."""

    candidate: Candidate


class EvaluateResult(StepResult):
    """Metrics and the gate's decision; the work is done (`passed`) whichever way it went."""

    evaluation: Evaluation
    decision: Decision
    logged: Logged


class RegisterResult(StepResult):
    """The candidate's version, and what followed for the alias; none where the gate said no."""

    decision: Decision
    registered_name: str
    alias: str
    version: str | None = None
    move: Move | None = None


def train(run: StepRun[NoParameters]) -> TrainResult:
    """Fit the estimator on the training part of the window; leaves `model.skops`."""
    model = run.project.models[run.target]
    split = Split.of(run.window, model.test)
    built = _result(run, "build_features", BuildFeaturesResult)
    packages = versions()
    build_estimator(model.estimator)  # report a mistake in the project before reading the data
    with run.folder.of_step("build_features").reading(TRAINING_SET) as file:
        examples = read_part(file, built.training_set, split.train, "fit on")
        # Better now than after a long fit.
        test = read_part(file, built.training_set, split.test, "test on")
        identity = fingerprint(run.folder.run_uri, run.target, model, file, packages)
    run.progress(f"fitting {model.estimator.class_path} on {len(examples):,} rows x {examples.features.shape[1]}")
    pipeline = fitting.fit(model.estimator, examples)
    run.progress("writing the model")
    with run.folder.writing(MODEL) as file:
        trusted = storage.save(pipeline, file, model.estimator.class_path)
    candidate = Candidate(
        model=run.target,
        dataset=model.dataset,
        label=model.label,
        estimator=model.estimator.class_path,
        parameters=model.estimator.parameters,
        features=fitting.schema_of(examples),
        train=SplitSummary.of(split.train, examples),
        trusted_types=trusted,
        fingerprint=identity,
        versions=packages,
        rounded=sorted({*examples.rounded, *test.rounded}),
    )
    rounded = f"; whole numbers beyond 2^53 are rounded in {', '.join(candidate.rounded)}" if candidate.rounded else ""
    return TrainResult(
        outcome="passed",
        summary=f"{model.estimator.class_path.rpartition('.')[2]} fitted on {len(examples):,} rows and "
        f"{len(candidate.features)} features; {len(test):,} later rows are left to test on{rounded}",
        artifacts={"model": run.folder.path(MODEL)},
        candidate=candidate,
    )


def evaluate(run: StepRun[NoParameters]) -> EvaluateResult:
    """Measure the candidate, decide, and log it in MLflow; leaves `report.html` and `decision.json`."""
    model = run.project.models[run.target]
    test_window = Split.of(run.window, model.test).test
    built = _result(run, "build_features", BuildFeaturesResult)
    candidate = _result(run, "train", TrainResult).candidate
    with run.folder.of_step("build_features").reading(TRAINING_SET) as file:
        test = read_part(file, built.training_set, test_window, "test on")
    with run.folder.of_step("train").reading(MODEL) as file:
        pipeline = storage.load(file, candidate.estimator)
    run.progress(f"evaluating on {len(test):,} rows")
    judged = evaluation.evaluate(pipeline, test, test_window, candidate.majority)
    decision = gate.decide(run.target, model.gate, judged.candidate, judged.baseline)
    files = {
        "report.html": model_card.render(candidate, judged, decision, model_card.importances(pipeline)),
        "decision.json": decision.model_dump_json(indent=2).encode(),
    }
    uris = dict(zip(files, write_together([(run.folder, *file) for file in files.items()]), strict=True))
    run.progress("logging in MLflow")
    personal = any(map(run.project.hides, candidate.features))
    example = None if personal else test.features.head(_EXAMPLE_ROWS)
    entry = experiment.Entry(run.folder.run_uri, candidate, judged, decision, pipeline, example, files)
    uri = tracking.tracking_uri(run.project)
    with tracking.mlflow_client(uri) as client, local_store.one_at_a_time(uri):
        logged = experiment.log_candidate(client, uri, run.project.tracking.experiment, entry)
    return EvaluateResult(
        outcome="passed",
        summary=("passed the gate: " if decision.passed else "rejected by the gate: ") + decision.reason,
        metrics=[
            TRAINING_GATE(decision.passed, model=run.target),
            *(TRAINING_METRIC(v, model=run.target, metric=name) for name, v in judged.candidate.scalars().items()),
        ],
        artifacts={"report": uris["report.html"], "decision": uris["decision.json"]},
        evaluation=judged,
        decision=decision,
        logged=logged,
    )


def register(run: StepRun[RegisterParameters]) -> RegisterResult:
    """A version in the registry, with the alias unless a later or better one has it; nothing where the gate said no."""
    model = run.project.models[run.target]
    target = model.register_as
    judged = _result(run, "evaluate", EvaluateResult)
    common: dict[str, Any] = {"decision": judged.decision, "registered_name": target.name, "alias": target.alias}
    if not judged.decision.passed:
        return RegisterResult(outcome="skipped", summary=f"not registered: {judged.decision.reason}", **common)
    uri = tracking.tracking_uri(run.project)

    def test_rows() -> Examples:
        run.progress("comparing with the version that has the alias")
        built = _result(run, "build_features", BuildFeaturesResult)
        with run.folder.of_step("build_features").reading(TRAINING_SET) as file:
            return read_part(file, built.training_set, Split.of(run.window, model.test).test, "compare on")

    measure = measuring(uri, judged.decision.metric, test_rows, model.estimator.class_path)
    with tracking.mlflow_client(uri) as client, local_store.one_at_a_time(uri):
        done = registry.register_version(
            client,
            target,
            judged.logged,
            judged.decision,
            test=judged.evaluation.test,
            measure=measure,
            move_alias=run.params.move_alias,
        )
    named = f"now '{target.alias}'" if done.move.moved else "registered"
    about = f"; {done.move.reason}" if done.move.holder else ""
    return RegisterResult(
        outcome="passed",
        summary=f"{target.name} version {done.version} is {named}: {judged.decision.reason}{about}",
        version=done.version,
        move=done.move,
        **common,
    )


def _result(run: StepRun[Any], step: str, kind: type[R]) -> R:
    return run.folder.of_step(step).read_model(RESULT, StepRecord[kind]).result  # type: ignore[valid-type]
