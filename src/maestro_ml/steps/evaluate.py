"""The step `evaluate`: a candidate's metrics, and the gate's decision."""

import io
import math

from maestro_ml.gate_rules.budget import in_words
from maestro_ml.gate_rules.evidence import Champion, Evidence
from maestro_ml.observability.metrics import TRAINING_GATE, TRAINING_METRIC
from maestro_ml.steps.champion import find_champion
from maestro_ml.steps.decision_record import PAGE, RECORD, record_of
from maestro_ml.steps.looks import budget_of, spend
from maestro_ml.steps.result import StepResult
from maestro_ml.steps.step import NoParameters, StepRun
from maestro_ml.steps.store import write_together
from maestro_ml.steps.tested import tested_candidate
from maestro_ml.training import gate, model_card
from maestro_ml.training.decision.page import render_page
from maestro_ml.training.evaluation import Evaluation
from maestro_ml.training.gate import Decision
from maestro_ml.training.judging import judge_rules, prediction_timer

REPORT, DECISION, EXAMPLE = "report.html", "decision.json", "example.parquet"
_EXAMPLE_ROWS = 5


class EvaluateResult(StepResult):
    """Metrics and the gate's decision; the outcome is `passed` whatever the decision."""

    evaluation: Evaluation
    decision: Decision


def evaluate(run: StepRun[NoParameters]) -> EvaluateResult:
    """Evaluate the candidate on the test part of the window and decide; write the report and the decision."""
    model = run.project.models[run.target]
    tested = tested_candidate(run)
    candidate, test, answers, judged = tested.candidate, tested.test, tested.answers, tested.evaluation
    rules, budget = model.gate.further_rules, budget_of(run.project, model.gate)
    error = spend(run, budget, candidate.fingerprint, tested.split.test.end) if budget else None
    compares = any(rule.needs_champion for rule in rules)
    evidence = Evidence(
        candidate=answers.candidate,
        baseline=answers.baseline,
        champion=find_champion(run, candidate, judged.test, test) if compares else Champion(),
        columns={str(name): test.features[name].to_numpy() for name in test.features},
        model_bytes=tested.model_bytes,
        time_predictions=prediction_timer(tested.pipeline, test.features),
        error=error,
    )
    outcomes = judge_rules(rules, evidence)
    spent = "" if error is None else in_words(len(test), error, model.gate.metric)
    decision = gate.decide(run.target, model.gate, judged.candidate, judged.baseline, outcomes, spent)
    run.progress("writing the decision record")
    record = record_of(
        run,
        pipeline=tested.pipeline,
        model_sha256=tested.model_sha256,
        test=test,
        evidence=evidence,
        judged=judged,
        decision=decision,
    )
    files = {
        RECORD: record.model_dump_json(indent=2).encode(),
        PAGE: render_page(record),
        REPORT: model_card.render(candidate, judged, decision, model_card.importances(tested.pipeline)),
        DECISION: decision.model_dump_json(indent=2).encode(),
    }
    if any(map(run.project.hides, candidate.features)):
        run.folder.discard(EXAMPLE)  # of an attempt before the column was marked
    else:
        example = io.BytesIO()
        test.features.head(_EXAMPLE_ROWS).to_parquet(example)
        files[EXAMPLE] = example.getvalue()
    uris = dict(zip(files, write_together([(run.folder, *file) for file in files.items()]), strict=True))
    return EvaluateResult(
        outcome="passed",
        summary=("passed the gate: " if decision.passed else "rejected by the gate: ") + decision.reason,
        metrics=[
            TRAINING_GATE(decision.passed, model=run.target),
            *(
                TRAINING_METRIC(value, model=run.target, metric=name)
                for name, value in judged.candidate.scalars().items()
                if math.isfinite(value)  # no gauge shows a metric that the test rows do not define
            ),
        ],
        artifacts={"report": uris[REPORT], "decision": uris[DECISION], "decision page": uris[PAGE]},
        evaluation=judged,
        decision=decision,
    )
