"""When two candidates are the same one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from maestro_ml.project.models import Model
from maestro_ml.training.candidate import Candidate, SplitSummary, fingerprint, versions
from maestro_ml.training.target import Target

MODEL = Model.model_validate({"dataset": "d", "label": "y", "columns": ["x"], "register": {"name": "r"}})


def test_a_repeated_run_on_equal_data_is_the_same_candidate() -> None:
    first, again = (fingerprint("run", "m", model, "digest", {"a": "1"}) for model in (MODEL, MODEL.model_copy()))
    assert first == again


@pytest.mark.parametrize("changed", ["run", "name", "model", "data", "package"])
def test_anything_that_can_change_the_model_makes_another(changed: str) -> None:
    before = fingerprint("run", "m", MODEL, "digest", {"a": "1"})
    after = fingerprint(
        "other" if changed == "run" else "run",
        "n" if changed == "name" else "m",
        MODEL.model_copy(update={"columns": ("z",)}) if changed == "model" else MODEL,
        "other" if changed == "data" else "digest",
        {"a": "2" if changed == "package" else "1"},
    )
    assert after != before


def test_the_packages_that_count_are_named() -> None:
    assert {"scikit-learn", "maestro-ml"} <= set(versions())


@pytest.mark.parametrize(("share", "majority"), [(0.0, 0), (0.499, 0), (0.5, 0), (0.501, 1), (1.0, 1)])
def test_the_majority_is_the_commoner_class_of_the_training_rows_and_0_of_two_as_common(
    share: float, majority: int
) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    train = SplitSummary(start=moment, end=moment, rows=1000, positive_share=share)
    candidate = Candidate(
        model="m", dataset="d", label="y", estimator="e", parameters={}, features={"x": "number"}, train=train,
        trusted_types=[], fingerprint="f", versions={},
    )  # fmt: skip
    assert candidate.constant == majority


@pytest.mark.parametrize(
    ("target", "train", "answer"),
    [
        (Target(task="binary", classes=("no", "yes")), {"counts": (3, 3)}, "no"),
        (Target(task="multiclass", classes=("a", "b", "c")), {"counts": (1, 5, 4)}, "b"),
        (Target(task="regression", classes=()), {"median": 2.5}, 2.5),
    ],
)
def test_the_baseline_answers_the_commonest_class_or_the_median(target: Target, train: Any, answer: Any) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    candidate = Candidate(
        model="m", dataset="d", label="y", target=target, estimator="e", parameters={}, features={"x": "number"},
        train=SplitSummary(start=moment, end=moment, rows=10, **train), trusted_types=[], fingerprint="f", versions={},
    )  # fmt: skip
    assert candidate.constant == answer
