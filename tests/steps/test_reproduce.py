"""A training made again from its decision record: equal, or everything that differs by its name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_training import END, FOREST, YAML, folder, trips

from maestro_ml.project import RequestError, load_project
from maestro_ml.steps import run_step
from maestro_ml.steps.decision_record import RECORD
from maestro_ml.steps.reproduce import Reproduction, reproduce
from maestro_ml.training.decision.differences import Difference, Rebuilt, Refitted, Today, differences
from maestro_ml.training.decision.record import DecisionRecord


def write_project(root: Path, **changed: str) -> None:
    settings = {"above": 0.7, "estimator": FOREST, "uri": "sqlite:///mlflow.db", "beat_baseline": "true"}
    (root / "maestro.yaml").write_text(YAML.format(**(settings | changed)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a project whose model is trained and evaluated."""
    root = tmp_path_factory.mktemp("trained")
    write_project(root)
    trips().to_parquet(root / "trips.parquet")
    project = load_project(root)
    for step in ("build_features", "train", "evaluate"):
        run_step(step, project, folder(root, step), end=END)
    return root


@pytest.fixture
def root(trained: Path, tmp_path: Path) -> Path:
    """Provide a copy of the project, at another place, to plant a difference in."""
    shutil.copytree(trained, tmp_path / "copy")
    return tmp_path / "copy"


def record_of(root: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> DecisionRecord:
    document = json.loads(Path(folder(root, "evaluate").path(RECORD)).read_text())
    change(document)
    return DecisionRecord.model_validate(document)


def named(found: Reproduction) -> set[tuple[str, str]]:
    return {(each.kind, each.name) for each in found.differences}


def test_the_same_rows_packages_and_seed_give_the_same_file_and_metrics(root: Path) -> None:
    found = reproduce(load_project(root), record_of(root))
    assert (found.equal, found.differences, found.error) == (True, (), None)


def test_nothing_but_a_temporary_folder_is_written_to(root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    reproduce(load_project(root), record_of(root))
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def change_rows(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def plant(root: Path) -> None:
        change(pd.read_parquet(root / "trips.parquet")).to_parquet(root / "trips.parquet")

    return plant


def with_value(row: int, column: str, value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (change_rows(lambda frame: frame.drop(index=100)), {("rows", "rows of the training set")}),
        (change_rows(with_value(100, "x", 9.0)), {("column", "feature x")}),
        (change_rows(with_value(100, "late", None)), {("rows", "rows without a label")}),
    ],
)
def test_other_data_are_named_by_file_column_and_time(
    root: Path, plant: Callable[[Path], None], expected: set[tuple[str, str]]
) -> None:
    plant(root)
    found = reproduce(load_project(root), record_of(root))
    assert not found.equal
    assert expected | {("file", "trips.parquet of dataset trips")} <= named(found)
    parts = [each.name for each in found.differences if each.name.startswith("rows from 2024-")]
    assert len(parts) == 1


def test_a_file_that_is_gone_is_named(root: Path) -> None:
    (root / "trips.parquet").rename(root / "trips_of_2024.parquet")
    found = reproduce(load_project(root), record_of(root))
    assert not found.equal
    assert "no parquet file at" in str(found.error)
    assert ("file", "trips.parquet of dataset trips") in named(found)


def test_the_record_decides_and_not_what_the_project_file_says_since(root: Path) -> None:
    write_project(root, estimator="{class: sklearn.tree.DecisionTreeClassifier}")
    found = reproduce(load_project(root), record_of(root))
    assert found.equal
    assert ("declaration", "models.late.estimator.class") in named(found)


def compared(recorded: DecisionRecord, later: DecisionRecord) -> list[Difference]:
    """Return what differs if everything is as in another record."""
    assert later.origin
    today = Today(later.origin.model, later.origin.dataset, later.origin.source, later.environment, later.maestro)
    refitted = Refitted(later.candidate, later.evaluation, later.model_sha256)
    return differences(recorded, today, Rebuilt(later.data, later.origin), refitted)


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("environment", "distributions", "numpy"), "1.0", ("package", "numpy")),
        (("environment", "distributions", "gone"), "1.0", ("package", "gone")),
        (("environment", "threads", "OMP_NUM_THREADS"), "77", ("machine", "threads by OMP_NUM_THREADS")),
        (("environment", "processors"), 4096, ("machine", "processors")),
        (("environment", "image"), "registry.example/maestro:1", ("machine", "image")),
        (("environment", "python"), "3.11.0", ("machine", "Python")),
        (("maestro",), "0.0.1", ("code", "maestro-ml")),
        (("candidate", "versions", "project_code"), "0123456789abcdef", ("code", "the project's own modules")),
        (("candidate", "defaults", "random_state"), 5, ("parameter", "random_state")),
        (("candidate", "train", "rows"), 5, ("rows", "training rows")),
        (("candidate", "features", "x"), "text", ("column", "type of x")),
        (("data", "rows"), 5, ("rows", "rows of the training set")),
        (("data", "dropped_unlabelled"), 5, ("rows", "rows without a label")),
        (("origin", "columns", "x"), "0" * 64, ("column", "feature x")),
        (("origin", "columns", "new"), "0" * 64, ("column", "column new")),
        (("origin", "source"), "csv", ("declaration", "datasets.trips.source.kind")),
        (("origin", "dataset", "columns", "x", "type"), "text", ("declaration", "datasets.trips.columns.x.type")),
        (("origin", "model", "columns"), ["x"], ("declaration", "models.late.columns")),
        (("origin", "model", "label"), "x", ("declaration", "models.late.label")),
        (("origin", "model", "test"), "3d", ("declaration", "models.late.test")),
        (("origin", "model", "estimator", "threads"), 2, ("declaration", "models.late.estimator.threads")),
        (
            ("origin", "model", "estimator", "parameters", "random_state"),
            7,
            ("declaration", "models.late.estimator.parameters.random_state"),
        ),
        (("model_sha256",), "0" * 64, ("model", "the model's file")),
        (("evaluation", "candidate", "accuracy"), 0.5, ("metric", "accuracy")),
        (("evaluation", "baseline", "accuracy"), 0.25, ("metric", "baseline accuracy")),
    ],
)
def test_each_thing_that_differs_is_named_and_nothing_else(
    trained: Path, place: tuple[str, ...], value: object, expected: tuple[str, str]
) -> None:
    def plant(document: dict[str, Any]) -> None:
        for key in place[:-1]:
            document = document[key]
        document[place[-1]] = value

    as_it_was, planted = record_of(trained), record_of(trained, plant)
    assert compared(as_it_was, as_it_was) == []
    for found in (compared(as_it_was, planted), compared(planted, as_it_was)):
        assert [(each.kind, each.name) for each in found] == [expected]
        assert found[0].recorded != found[0].found


def test_another_parameter_in_the_record_gives_another_model(root: Path) -> None:
    def plant(document: dict[str, Any]) -> None:
        document["origin"]["model"]["estimator"]["parameters"]["n_estimators"] = 3

    found = reproduce(load_project(root), record_of(root, plant))
    assert not found.equal
    assert {("model", "the model's file"), ("parameter", "n_estimators")} <= named(found)
    assert any(each.kind == "metric" for each in found.differences)


def test_a_record_of_an_earlier_version_says_what_it_lacks(root: Path) -> None:
    record = record_of(root, lambda document: document.pop("origin"))
    with pytest.raises(RequestError, match="lacks what was declared and the digests of files and rows"):
        reproduce(load_project(root), record)


def test_a_feature_view_that_is_defined_otherwise_is_named_by_the_part_that_differs(root: Path) -> None:
    def with_view(days: str) -> DecisionRecord:
        def plant(document: dict[str, Any]) -> None:
            features = [{"name": "temp", "valueType": "DOUBLE"}, {"name": days, "valueType": "INT64"}]
            document["origin"]["definitions"]["feature view weather"] = {"ttl": f"{days}s", "features": features}

        return record_of(root, plant)

    assert compared(with_view("1"), with_view("2")) == [
        Difference(kind="definition", name="feature view weather ttl", recorded="1s", found="2s"),
        Difference(kind="definition", name="feature view weather features[1].name", recorded="1", found="2"),
    ]
