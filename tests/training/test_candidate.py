"""When two candidates are the same one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from maestro_ml.project.models import Model
from maestro_ml.training.candidate import Candidate, SplitSummary, fingerprint, versions

MODEL = Model.model_validate({"dataset": "d", "label": "y", "columns": ["x"], "register": {"name": "r"}})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").write_bytes(b"rows")
    return tmp_path / "data"


def test_a_repeated_run_on_equal_data_is_the_same_candidate(data: Path, tmp_path: Path) -> None:
    (tmp_path / "again").write_bytes(b"rows")
    assert fingerprint("run", "m", MODEL, data, {"a": "1"}) == fingerprint(
        "run", "m", MODEL.model_copy(), tmp_path / "again", {"a": "1"}
    )


@pytest.mark.parametrize("changed", ["run", "name", "model", "data", "package"])
def test_anything_that_can_change_the_model_makes_another(changed: str, data: Path) -> None:
    before = fingerprint("run", "m", MODEL, data, {"a": "1"})
    if changed == "data":
        data.write_bytes(b"other")
    after = fingerprint(
        "other" if changed == "run" else "run",
        "n" if changed == "name" else "m",
        MODEL.model_copy(update={"columns": ("z",)}) if changed == "model" else MODEL,
        data,
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
    assert candidate.majority == majority
