"""Labels that no classifier can learn from are refused before anything is built, with the values found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.features.label_checks import UnusableRows, check_labels, check_split
from maestro_ml.features.training_sets import build_training_set
from maestro_ml.project import Project, RequestError, Window, load_project
from maestro_ml.tables import DataError

START = datetime(2024, 5, 1, tzinfo=UTC)
WHOLE = Window(START, START + timedelta(days=4))
YAML = """\
name: clinic
datasets:
  visits:
    source: {kind: %s, path: visits.%s}
    timestamp: at
    columns: {at: {type: timestamp}, age: {type: number}, since: {type: timestamp}, back: {type: %s}}
models:
  back: {dataset: visits, label: back, columns: [%s], window: 4d, test: 1d, register: {name: back}}
"""
Setting = Callable[..., Project]


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """Provide `setting(labels of 96 hourly visits, ...)`: the project."""

    def make(labels: Any, contract: str = "integer", columns: str = "age", kind: str = "parquet") -> Project:
        values = pa.array(labels)
        at = pa.array(pd.date_range(START, periods=len(values), freq="1h"))
        table = pa.table({"at": at, "age": pa.array(np.arange(float(len(values)))), "since": at, "back": values})
        if kind == "parquet":
            pq.write_table(table, tmp_path / "visits.parquet")
        else:
            table.to_pandas().to_csv(tmp_path / "visits.csv", index=False)
        (tmp_path / "maestro.yaml").write_text(YAML % (kind, kind, contract, columns))
        return load_project(tmp_path)

    return make


def built(project: Project) -> list[float]:
    """Return the labels of the training set."""
    file = project.root / "set.parquet"
    build_training_set(project, "back", WHOLE, file)
    return [float(value) for value in pq.read_table(file)["back"].to_pylist()]


HALF = [0, 1] * 48


@pytest.mark.parametrize(
    "labels",
    [
        HALF,
        [bool(each) for each in HALF],
        [float(each) for each in HALF],
        [Decimal(each) for each in HALF],
        pa.array(HALF, pa.uint8()),
    ],
    ids=["integer", "boolean", "double", "decimal", "uint8"],
)
def test_zeros_and_ones_of_any_type_are_labels(labels: Any, setting: Setting) -> None:
    assert built(setting(labels)) == HALF


def test_a_row_without_a_label_is_left_out_and_counted_whether_it_is_null_or_nan(setting: Setting) -> None:
    project = setting([None, np.nan, *map(float, HALF[2:])], "number")
    assert check_labels(project, "back", WHOLE) == 2
    assert built(project) == HALF[2:]


@pytest.mark.parametrize(
    ("labels", "contract", "message"),
    [
        (["no", "yes"] * 48, "integer", "'back' is VARCHAR and holds 'no', 'yes'; the contract says integer"),
        (["0", "1"] * 48, "integer", "'back' is VARCHAR and holds '0', '1'; the contract says integer"),
        ([0.0, 0.5] * 48, "number", r"holds 0\.5 in 48 of 96 rows; for a number to predict, set `task: regression`"),
        (list(range(96)), "integer", r"holds 0, 1, 2, 3, 4, \.\.\. in 96 of 96 rows; these are 96 classes; for a num"),
        ([f"v{n}" for n in range(96)], "string", "these are 96 classes"),
        ([0.0, float("inf")] * 48, "number", "is infinite in 48 of 96 rows"),
        ([START] * 96, "integer", "'back' is TIMESTAMP WITH TIME ZONE and holds"),
        ([None] * 96, "integer", "none of its 96 rows has the label 'back'"),
        ([np.nan] * 96, "number", "none of its 96 rows has the label 'back'"),
        (pa.array([], pa.int64()), "integer", "it has no row there"),
    ],
)
def test_other_labels_are_refused_before_anything_is_built(
    labels: Any, contract: str, message: str, setting: Setting
) -> None:
    project = setting(labels, contract)
    with pytest.raises(UnusableRows, match=message) as caught:
        built(project)
    assert caught.value.exit_code == 2
    assert not (project.root / "set.parquet").exists()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0] * 96, r"the label 'back' is 0 in all 72 training rows \(2024.*\); a classifier needs two classes"),
        ([0, 1] * 36 + [1] * 24, r"the label 'back' is 1 in all 24 test rows \("),
        ([1] * 72 + [0, 1] * 12, r"the label 'back' is 1 in all 72 training rows \("),
        ([0, 1] * 30, r"none of the test rows \(2024-05-04 00:00 .*\) has the label 'back'"),
        ([0, 1] * 36 + [None] * 24, "none of the test rows .* has the label"),
    ],
)
def test_a_split_without_both_classes_on_both_sides_is_refused_before_training(
    labels: list[int | None], message: str, setting: Setting
) -> None:
    project = setting(labels)
    with pytest.raises(UnusableRows, match=message):
        check_split(project, "back", WHOLE)
    assert built(project) == [label for label in labels if label is not None]  # for its own sake it can be built


@pytest.mark.parametrize(
    ("labels", "contract"),
    [
        ([1, 2] * 48, "integer"),
        ([-1, 1] * 48, "integer"),
        (["a", "b", "c"] * 32, "string"),
        ([7.0, 8, 9] * 32, "number"),
    ],
)
def test_classes_are_whole_numbers_or_text(labels: list[Any], contract: str, setting: Setting) -> None:
    check_split(setting(labels, contract), "back", WHOLE)


def with_model(setting: Setting, labels: list[Any], contract: str, **changes: Any) -> Project:
    project = setting(labels, contract)
    model = {**project.models["back"].model_dump(by_alias=True, exclude_unset=True), **changes}
    return project.model_copy(update={"models": {"back": type(project.models["back"]).model_validate(model)}})


@pytest.mark.parametrize(
    ("labels", "changes", "message"),
    [
        ([0, 1, 2] * 32, {"task": "binary"}, "holds 0, 1, 2 in 96 of 96 rows; these are 3 classes, and the task is b"),
        ([0, 1, 2] * 32, {"positive": 1}, "these are 3 classes, and `positive` is for two"),
        (
            [3.5] * 96,
            {"task": "regression", "gate": {"metric": "mae", "below": 1}},
            "a regression needs several values",
        ),
    ],
)
def test_a_label_that_does_not_suit_the_declared_task_is_refused(
    labels: list[Any], changes: dict[str, Any], message: str, setting: Setting
) -> None:
    with pytest.raises(UnusableRows, match=message):
        check_split(with_model(setting, labels, "number", **changes), "back", WHOLE)


def test_numbers_to_predict_may_have_fractions_and_be_as_many_as_the_rows(setting: Setting) -> None:
    gate = {"metric": "mae", "below": 1}
    labels = [None, *(n + 0.5 for n in range(4000))]
    assert check_labels(with_model(setting, labels, "number", gate=gate), "back", WHOLE) == 1
    check_split(with_model(setting, [*range(72), *[5] * 24], "number", gate=gate), "back", WHOLE)


def test_a_label_of_a_csv_file_is_judged_the_same(setting: Setting) -> None:
    assert check_labels(setting(HALF, kind="csv"), "back", WHOLE) == 0
    with pytest.raises(UnusableRows, match=r"the label 'back' holds 0\.5 in 1 of 96 rows"):
        check_labels(setting([0.5, *HALF[1:]], "number", kind="csv"), "back", WHOLE)


@pytest.mark.parametrize(
    ("labels", "contract"), [(["Ada", "Bo"] * 48, "integer"), (list(range(4321, 4417)), "integer")]
)
def test_values_marked_pii_are_not_repeated(labels: Any, contract: str, setting: Setting, tmp_path: Path) -> None:
    setting(labels, contract)
    file = tmp_path / "maestro.yaml"
    file.write_text(file.read_text().replace(f"back: {{type: {contract}}}", f"back: {{type: {contract}, pii: true}}"))
    with pytest.raises(UnusableRows, match="marked pii") as caught:
        check_labels(load_project(tmp_path), "back", WHOLE)
    assert "Ada" not in str(caught.value)
    assert "4321" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "contract", "task"),
    [
        ([4321, 4322] * 48, "integer", None),
        ([4321.0, 4322.0, 4323.0] * 32, "number", "multiclass"),
        ([0, 4321] * 48, "integer", "binary"),
        ([4321.5, 4322.5] * 48, "number", "multiclass"),
        ([0, 1, 2] * 32, "integer", None),
    ],
)
def test_classes_that_are_values_marked_pii_are_refused(
    labels: Any, contract: str, task: str | None, setting: Setting, tmp_path: Path
) -> None:
    models = with_model(setting, labels, contract, **({"task": task} if task else {})).models
    file = tmp_path / "maestro.yaml"
    file.write_text(file.read_text().replace(f"{{type: {contract}}}", f"{{type: {contract}, pii: true}}"))
    project = load_project(tmp_path).model_copy(update={"models": models})
    for check in (check_labels, check_split):
        with pytest.raises(UnusableRows, match=r"marked pii.*only 0 and 1, or false and true") as caught:
            check(project, "back", WHOLE)
        assert "432" not in str(caught.value)


@pytest.mark.parametrize(("labels", "contract"), [([0, 1] * 48, "integer"), ([True, False] * 48, "boolean")])
def test_zero_and_one_are_no_personal_values(labels: Any, contract: str, setting: Setting, tmp_path: Path) -> None:
    setting(labels, contract)
    file = tmp_path / "maestro.yaml"
    file.write_text(file.read_text().replace(f"back: {{type: {contract}}}", f"back: {{type: {contract}, pii: true}}"))
    check_split(load_project(tmp_path), "back", WHOLE)


def test_a_time_among_the_features_is_a_mistake_of_the_project(setting: Setting) -> None:
    project = setting(HALF)
    model = project.models["back"].model_copy(update={"columns": ("age", "at", "since")})
    project = project.model_copy(update={"models": {"back": model}})
    with pytest.raises(
        RequestError, match=r"models\.back\.columns: 'at' \(TIMESTAMP.*\), 'since' \(TIMESTAMP.*\) cannot"
    ):
        check_labels(project, "back", WHOLE)


def test_a_list_among_the_features_is_a_mistake_of_the_project(setting: Setting, tmp_path: Path) -> None:
    project = setting(HALF)
    table = pq.read_table(tmp_path / "visits.parquet")
    nested = table.set_column(1, "age", pa.array([[1, 2]] * 96))
    pq.write_table(nested, tmp_path / "visits.parquet")
    with pytest.raises(RequestError, match=r"'age' \(BIGINT\[\]\) cannot be a feature"):
        check_labels(project, "back", WHOLE)


def test_a_missing_column_is_named(setting: Setting, tmp_path: Path) -> None:
    project = setting(HALF)
    pq.write_table(pq.read_table(tmp_path / "visits.parquet").drop_columns("age"), tmp_path / "visits.parquet")
    with pytest.raises(DataError, match="dataset visits has no column age"):
        check_labels(project, "back", WHOLE)


def test_a_window_no_longer_than_the_test_range_is_a_wrong_request(setting: Setting) -> None:
    with pytest.raises(RequestError, match="no training row is left"):
        check_split(setting(HALF), "back", Window(START, START + timedelta(days=1)))
