"""The step `register`: log the candidate in MLflow, and register a version if it passed the gate."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.core.own_code import used_code
from maestro_ml.observability.alerts import Alert
from maestro_ml.observability.metrics import ALIAS_PROBLEMS
from maestro_ml.steps.build_features import TRAINING_SET, BuildFeaturesResult
from maestro_ml.steps.decision_record import PAGE, RECORD, version_tags
from maestro_ml.steps.evaluate import DECISION, EXAMPLE, REPORT, EvaluateResult
from maestro_ml.steps.models import ledger_of
from maestro_ml.steps.parameters import RegisterParameters
from maestro_ml.steps.result import StepResult
from maestro_ml.steps.step import StepRun
from maestro_ml.steps.train import TrainResult
from maestro_ml.training.comparison import score_stored_model
from maestro_ml.training.gate import Decision
from maestro_ml.training.split import read_test, split_of
from maestro_ml.training.tracking.alias import AliasMove
from maestro_ml.training.tracking.mlflow_tracker import open_tracker
from maestro_ml.training.tracking.tracker import CandidateRecord

if TYPE_CHECKING:
    import pandas as pd


class RegisterResult(StepResult):
    """Where the candidate is logged, its version, and the decision about the alias.

    A candidate that the gate rejected has a reference, but no version.
    """

    decision: Decision
    registered_name: str
    alias: str
    reference: str
    version: str | None = None
    move: AliasMove | None = None
    alias_problems: list[str] = []


def register(run: StepRun[RegisterParameters]) -> RegisterResult:
    """Log the candidate; if it passed, register a version and move the alias, unless a later or better one has it."""
    target = run.project.models[run.target].register_as
    judged = run.result_of("evaluate", EvaluateResult)
    decision = judged.decision
    file = run.result_of("train", TrainResult).candidate.file
    with (
        run.folder.of_step("train").reading(file) as model,
        open_tracker(run.project, ledger_of(run.folder.store, target.name)) as tracker,
    ):
        problems = tracker.problems(target)
        for problem in problems:
            run.progress(f"aliases of {target.name}: {problem}")
        run.progress("logging the candidate")
        reference = tracker.log(_record(run, judged, model))
        common: dict[str, Any] = {
            "decision": decision,
            "registered_name": target.name,
            "alias": target.alias,
            "reference": reference,
            "alias_problems": problems,
            "metrics": [ALIAS_PROBLEMS(len(problems), model=run.target)],
            "alerts": [_alert(run, target.name, problems)] if problems else [],
        }
        if not decision.passed:
            return RegisterResult(outcome="skipped", summary=f"not registered: {decision.reason}", **common)
        done = tracker.register(
            reference,
            target,
            decision,
            test=judged.evaluation.test,
            score=_scorer(run, decision),
            move_alias=run.params.move_alias,
            tags=version_tags(run),
        )
    status = f"now '{target.alias}'" if done.move.moved else "registered"
    about = f"; {done.move.reason}" if done.move.holder else ""
    return RegisterResult(
        outcome="passed",
        summary=f"{target.name} version {done.version} is {status}: {decision.reason}{about}",
        version=done.version,
        move=done.move,
        **common,
    )


def _alert(run: StepRun[Any], name: str, problems: list[str]) -> Alert:
    summary = f"{name}: {'; '.join(problems)}; see `maestro models verify {run.target}`"
    dataset = run.project.models[run.target].dataset
    return Alert(name="MaestroAliasMoved", dataset=dataset, severity="critical", summary=summary)


def _record(run: StepRun[Any], judged: EvaluateResult, model: Path) -> CandidateRecord:
    files = run.folder.of_step("evaluate").read_all((REPORT, DECISION, RECORD, PAGE, EXAMPLE))
    candidate = run.result_of("train", TrainResult).candidate
    return CandidateRecord(
        run=run.folder.run_uri,
        candidate=candidate,
        evaluation=judged.evaluation,
        decision=judged.decision,
        model=model,
        example=_example(files.pop(EXAMPLE, None)),
        files=files,
        code=used_code(run.project.root, (candidate.estimator, *candidate.transformers, *candidate.trusted_types)),
    )


def _example(content: bytes | None) -> "pd.DataFrame | None":
    import pandas as pd

    return None if content is None else pd.read_parquet(io.BytesIO(content))


def _scorer(run: StepRun[Any], decision: Decision) -> Callable[[Path], float]:
    """Return a function from a stored model to its metric on the test rows, which are read only if it is called."""
    model = run.project.models[run.target]

    def score(file: Path) -> float:
        run.progress("comparing with the version that has the alias")
        training_set = run.result_of("build_features", BuildFeaturesResult).training_set
        with run.folder.of_step("build_features").reading(TRAINING_SET) as rows:
            test = read_test(rows, training_set, split_of(run.project, run.target, run.window), "comparison")
        candidate = run.result_of("train", TrainResult).candidate
        estimator = model.chosen_estimator.class_path
        return score_stored_model(
            file, decision.metric, test, estimator, candidate.target, candidate.transformers, model.allow_pickle
        )

    return score
