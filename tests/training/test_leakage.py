"""What gives the label away is named before the fit; what does not is left alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project.datasets import Dataset
from maestro_ml.project.models import Leakage, Model
from maestro_ml.training import leakage
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples, TrainingSet
from maestro_ml.training.leakage import LeakFinding, find_leaks, refuse
from maestro_ml.training.target import ZERO_ONE, Target

RNG = np.random.default_rng(5)
LABELS = RNG.integers(0, 2, 600)
HONEST = LABELS + RNG.normal(size=600)
COLUMNS = {"id": {"type": "string"}, "at": {"type": "timestamp"}}
SOURCE = {"kind": "parquet", "path": "x"}
DATASET = Dataset.model_validate({"source": SOURCE, "timestamp": "at", "keys": ["id"], "columns": COLUMNS})


def leaks(
    labels: Any = LABELS, target: Target = ZERO_ONE, spec: Leakage | None = None, **columns: Any
) -> list[LeakFinding]:
    frame = pd.DataFrame({"honest": HONEST, **columns})
    model = Model.model_validate(
        {"dataset": "d", "label": "y", "columns": list(frame), "register": {"name": "r"}}
    ).model_copy(update={"leakage": spec or Leakage()})
    parts = Examples(frame.head(400), labels[:400]), Examples(frame.tail(200), labels[-200:])
    return find_leaks(model, DATASET, *parts, target)


def test_honest_features_leave_no_finding() -> None:
    assert (
        leaks(kind=np.where(RNG.random(600) < 0.5, "a", "b").astype(object), hour=RNG.integers(0, 24, 600) * 1.0) == []
    )


@pytest.mark.parametrize(
    "copied",
    [LABELS.astype(float), 1.0 - LABELS, LABELS.astype(str).astype(object)],
    ids=["itself", "its opposite", "as text"],
)
def test_the_label_among_the_features_blocks_the_training(copied: Any) -> None:
    found = leaks(seen=copied)
    assert [(each.leak, each.feature, each.blocks) for each in found] == [("copy", "seen", True)]
    with pytest.raises(CannotLearn, match="the label leaks into the features: 'seen' is the label") as caught:
        refuse(found)
    assert caught.value.exit_code == 1


def test_a_column_that_is_the_label_in_the_first_rows_only_is_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leakage, "FIRST_ROWS", 10)
    other = LABELS.astype(str).astype(object)
    other[10] = "neither"
    assert [each for each in leaks(seen=other) if each.leak == "copy"] == []
    assert [each.leak for each in leaks(seen=LABELS.astype(str).astype(object))] == ["copy"]


def test_a_multiple_of_a_number_is_a_copy() -> None:
    amount = RNG.normal(size=600)
    target = Target(task="regression", classes=())
    assert [each.leak for each in leaks(amount, target, tax=amount * 1.2 + 3)] == ["copy"]
    assert leaks(amount, target, tax=amount * 1.2 + RNG.normal(size=600)) == []


def test_a_feature_that_alone_predicts_too_well_is_a_warning_with_its_strength() -> None:
    [found] = leaks(after=LABELS * 10 + RNG.random(600))
    assert (found.leak, found.feature, found.blocks) == ("alone", "after", False)
    assert "ROC AUC of 1.0000" in found.message
    refuse([found])
    [as_text] = leaks(after=np.where(LABELS == 1, "paid", "open").astype(object))
    assert as_text.feature == "after"


def test_a_text_of_many_values_does_not_predict_the_label_by_heart() -> None:
    assert leaks(name=np.array([f"n{i}" for i in range(600)], dtype=object)) == []


def test_one_of_several_classes_is_not_enough_to_call_a_feature_suspicious() -> None:
    labels = np.arange(600) % 3
    target = Target(task="multiclass", classes=(0, 1, 2))
    assert leaks(labels, target, first=(labels == 0) * 1.0) == []
    assert [each.leak for each in leaks(labels, target, exact=labels * 1.0)] == ["copy"]


def test_a_key_among_the_features_is_named() -> None:
    [found] = leaks(id=np.array([f"n{i}" for i in range(600)], dtype=object))
    assert (found.leak, found.feature) == ("key", "id")


def test_rows_in_both_parts_are_counted() -> None:
    labels = np.concatenate([LABELS[:400], LABELS[:200]])
    frame = pd.DataFrame({"honest": np.concatenate([HONEST[:400], HONEST[:200]])})
    model = Model.model_validate({"dataset": "d", "label": "y", "columns": ["honest"], "register": {"name": "r"}})
    parts = Examples(frame.head(400), labels[:400]), Examples(frame.tail(200), labels[400:])
    [found] = find_leaks(model, DATASET, *parts, ZERO_ONE)
    assert found.message.startswith("200 of 200 (100.00 %) of the test rows are also among the training rows")


def test_rows_that_repeat_anyway_are_no_leak() -> None:
    hours = RNG.integers(0, 3, 600) * 1.0
    frame = pd.DataFrame({"hour": hours})
    model = Model.model_validate({"dataset": "d", "label": "y", "columns": ["hour"], "register": {"name": "r"}})
    parts = Examples(frame.head(400), LABELS[:400]), Examples(frame.tail(200), LABELS[400:])
    assert find_leaks(model, DATASET, *parts, ZERO_ONE) == []


def test_the_project_says_what_blocks_and_what_is_allowed() -> None:
    seen = LABELS.astype(float)
    assert leaks(spec=Leakage(allow=("seen",)), seen=seen) == []
    assert [each.blocks for each in leaks(spec=Leakage(block=()), seen=seen)] == [False]
    after = LABELS * 10 + RNG.random(600)
    assert [each.blocks for each in leaks(spec=Leakage(block=("alone",)), after=after)] == [True]
    assert leaks(spec=Leakage(max_alone=1.0), after=after) == []


def training_set(**counts: dict[str, int]) -> TrainingSet:
    return TrainingSet(rows=600, features=["honest"], label="y", timestamp="at", sha256="0", **counts)


def late_values(spec: Leakage | None = None, **counts: dict[str, int]) -> list[LeakFinding]:
    frame = pd.DataFrame({"honest": HONEST})
    model = Model.model_validate({"dataset": "d", "label": "y", "columns": ["honest"], "register": {"name": "r"}})
    model = model.model_copy(update={"leakage": spec or Leakage()})
    parts = Examples(frame.head(400), LABELS[:400]), Examples(frame.tail(200), LABELS[-200:])
    return find_leaks(model, DATASET, *parts, ZERO_ONE, training_set(**counts))


def test_a_value_that_was_known_only_later_blocks_the_training() -> None:
    [found] = late_values(newer={"honest": 3})
    assert (found.leak, found.feature, found.blocks) == ("newer", "honest", True)
    assert "was known only after the row's time in 3 of 600 (0.50 %) of the rows" in found.message
    assert late_values() == []
    assert late_values(Leakage(allow=("honest",)), newer={"honest": 3}) == []


def test_values_of_a_view_that_were_written_later_are_a_warning() -> None:
    [found] = late_values(written_later={"stats": 600})
    assert (found.leak, found.feature, found.blocks) == ("written_later", "stats", False)
    assert late_values(Leakage(allow=("stats",)), written_later={"stats": 600}) == []
    assert [each.blocks for each in late_values(Leakage(block=("written_later",)), written_later={"stats": 1})] == [
        True
    ]
