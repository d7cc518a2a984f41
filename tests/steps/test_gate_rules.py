"""The rules of a gate in the steps: what is judged, recorded and registered, and what a year's budget leaves."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from intervals import START, train_interval

from maestro_ml.core.errors import SystemFailed
from maestro_ml.project import RequestError
from maestro_ml.steps.evaluate import EvaluateResult
from maestro_ml.steps.train import TrainResult
from maestro_ml.training.tracking.client import TrackingError

GOOD = "{class: sklearn.linear_model.LogisticRegression}"
Train = Callable[..., tuple[TrainResult, EvaluateResult]]


@pytest.fixture
def train(tmp_path: Path, store_uri: str) -> Train:
    """Provide `train(day, gate, ...)`: what `train` and `evaluate` of the eight days before that day of January
    2024 found.
    """
    rng = np.random.default_rng(3)
    x = rng.normal(size=960)
    frame = pd.DataFrame({"at": pd.date_range(START, periods=960, freq="30min"), "x": x})
    frame["line"] = np.where(np.arange(960) % 4 == 0, "bad", "good")
    noise = np.where(frame["line"] == "bad", 3.0, 0.1)
    frame["late"] = (x + noise * rng.normal(size=960) > 0).astype(int)
    frame.to_parquet(tmp_path / "trips.parquet")

    def run(
        day: int,
        gate: str,
        *,
        estimator: str = GOOD,
        run: str = "",
        register: bool = False,
        uri: str = store_uri,
        split: str = "test: 2d",
    ) -> tuple[TrainResult, EvaluateResult]:
        keys = {"column": "line: {type: string}", "columns": "x, line", "split": split, "estimator": estimator}
        keys |= {"gate": gate, "register": "{name: tram_late}", "uri": uri}
        found = train_interval(tmp_path, day, "train", "evaluate", *["register"] * register, run=run, **keys)
        return found["train"], found["evaluate"]  # type: ignore[return-value]

    return run


RULES = """\
{above: 0.5, rules: [{rule: threshold, metric: recall, above: 0.4, bound: lower},
 {rule: slices, by: [line], above: 0.95, min_rows: 10},
 {rule: calibration, max_error: 0.9}, {rule: latency, max_ms: 60000}, {rule: size, max_mb: 10},
 {rule: baseline, metric: roc_auc}, {rule: improvement}]}"""


def test_all_rules_are_judged_and_recorded_and_one_that_is_broken_rejects(train: Train) -> None:
    _, judged = train(10, RULES)
    outcomes = {outcome.name: outcome for outcome in judged.decision.further}
    assert {name: outcome.passed for name, outcome in outcomes.items()} == {
        "threshold": True, "slices": False, "calibration": True, "latency": True, "size": True, "baseline": True,
        "improvement": True,
    }  # fmt: skip
    assert not judged.decision.passed
    assert "is above 0.5 and above the majority class" in judged.summary
    assert "slices: accuracy: 1 of 2 slices are below 0.95 by more than chance: line = bad" in judged.summary
    decision = json.loads(Path(judged.artifacts["decision"]).read_text())
    assert len(decision["further"]) == 7
    assert all(outcome["message"] and outcome["numbers"] for outcome in decision["further"])


def test_rules_that_hold_are_counted_in_the_reason(train: Train) -> None:
    _, judged = train(10, "{above: 0.5, rules: [{rule: size, max_mb: 10}, {rule: calibration, max_error: 0.9}]}")
    assert judged.decision.passed
    assert judged.decision.reason.endswith("; 2 further rules hold")


def test_a_slice_by_something_that_is_no_feature_is_a_wrong_request(train: Train, tmp_path: Path) -> None:
    from maestro_ml.gate_rules.evidence import Evidence
    from maestro_ml.gate_rules.slices import SlicesRule
    from maestro_ml.metrics.metric import Predictions
    from maestro_ml.training.judging import judge_rules

    rows = Predictions("binary", np.array([0, 1]), np.array([0, 1]), None, (0, 1))
    rule = SlicesRule(rule="slices", by=("hour",), metric="accuracy", above=0.5)
    with pytest.raises(RequestError, match="hour is no feature of the model; there are: x"):
        judge_rules([rule], Evidence(rows, rows, columns={"x": np.zeros(2)}))


def test_a_candidate_is_compared_with_the_version_in_use_on_its_own_rows(train: Train) -> None:
    improvement = "{above: 0.5, rules: [{rule: improvement}]}"
    _, first = train(10, improvement, register=True)
    assert first.decision.further[0].message == "there is no champion yet"
    _, again = train(10, improvement, register=True)
    assert again.decision.passed
    assert again.decision.further[0].message == "the candidate is version 1 already"
    _, later = train(12, improvement, register=True)
    [found] = later.decision.further
    assert (found.passed, found.numbers["champion"]) == (False, "1")
    assert found.numbers["rows"] == 96
    _, older = train(9, improvement, register=True)
    assert "version 1, cannot be compared with: it was fitted on some of" in older.decision.further[0].message


def test_a_champion_is_not_judged_on_drawn_rows_that_it_may_have_been_fitted_on(train: Train) -> None:
    improvement, split = "{above: 0.5, rules: [{rule: improvement}]}", "split: {kind: random}"
    train(10, improvement, register=True, split=split)
    _, later = train(12, improvement, split=split)
    assert not later.decision.passed
    assert "cannot be compared with: it may have been fitted on some of" in later.decision.further[0].message
    _, another = train(10, improvement, split=split, run="another")  # the same rows are left out
    assert another.decision.further[0].numbers["champion_value"] == another.evaluation.candidate.value("accuracy")
    _, disjoint = train(18, improvement, split=split)
    assert "champion_value" in disjoint.decision.further[0].numbers


def test_a_registry_that_cannot_be_reached_fails_the_comparison_and_nothing_else(train: Train) -> None:
    down = "http://127.0.0.1:9"
    _, judged = train(10, "{above: 0.5, rules: [{rule: size, max_mb: 10}]}", uri=down)
    assert judged.decision.passed
    with pytest.raises(TrackingError, match=r"127\.0\.0\.1:9"):
        train(10, "{above: 0.5, rules: [{rule: improvement}]}", uri=down)


def test_a_budget_states_beforehand_what_the_test_can_detect(train: Train) -> None:
    trained, judged = train(10, "{above: 0.5, max_wrong_promotions_per_year: 0.052}")
    promise = "with 96 test rows and an error of 0.001, an accuracy better by"
    assert promise in trained.summary
    assert promise in judged.decision.budget
    bound, improvement = judged.decision.further
    assert bound.numbers["confidence"] == pytest.approx(0.999)
    assert bound.numbers["method"] == "Clopper-Pearson"
    assert improvement.numbers["alpha"] == pytest.approx(0.001)


def test_a_budget_that_is_spent_lets_nothing_pass_and_a_retry_costs_nothing(train: Train, tmp_path: Path) -> None:
    gate = "{above: 0.5, max_wrong_promotions_per_year: 0.5, looks_per_year: 2}"
    for _ in range(3):
        assert train(10, gate)[1].decision.passed
    train(10, gate, run="second")
    assert len(list((tmp_path / "runs/gate/late").glob("*.json"))) == 2
    _, third = train(10, gate, run="third")
    assert not third.decision.passed
    assert "an error of 0 no improvement can be found" in third.decision.budget


def test_a_look_that_cannot_be_read_is_not_spent_again(train: Train, tmp_path: Path) -> None:
    gate = "{above: 0.5, max_wrong_promotions_per_year: 0.5, looks_per_year: 2}"
    train(10, gate)
    (tmp_path / "runs/gate/late/unreadable.json").symlink_to("nowhere")
    with pytest.raises(SystemFailed, match=r"unreadable\.json cannot be read, so the error budget is not known"):
        train(10, gate, run="second")
