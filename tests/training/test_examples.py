"""Reading a training set: types, missing values, order, and labels no classifier can use."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import DataError
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import TrainingSet
from maestro_ml.training.stored_rows import read_examples

Write = Callable[..., tuple[Path, TrainingSet]]


def test_numbers_become_floats_and_text_stays_text(frame: pd.DataFrame, write: Write, window: Window) -> None:
    examples = read_examples(*write(frame), window)
    assert list(examples.features.columns) == ["first", "second", "kind", "flag"]
    assert [str(kind) for kind in examples.features.dtypes] == ["float64", "float64", "object", "float64"]
    assert set(examples.features["kind"]) == {"a", "b", None}
    assert set(examples.features["flag"].dropna()) == {0.0, 1.0}
    assert examples.features["flag"].isna().sum() == frame["flag"].isna().sum() > 0
    assert len(examples) == 240
    assert set(examples.labels.tolist()) == {0, 1}
    assert examples.labels.sum() == frame["label"].sum()


def test_only_the_rows_of_the_range_are_read_and_its_end_is_not_in_it(
    frame: pd.DataFrame, write: Write, window: Window
) -> None:
    file, description = write(frame)
    day = Window(window.start, window.start + timedelta(days=1))
    assert len(read_examples(file, description, day)) == 24
    assert len(read_examples(file, description, Window(day.end, window.end))) == 216


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_timestamps_of_any_unit_and_zone_mean_the_same_moments(
    unit: str, zone: str | None, frame: pd.DataFrame, window: Window, tmp_path: Path
) -> None:
    file = tmp_path / "set.parquet"
    table = pa.Table.from_pandas(frame)
    moments = table["at"].cast(pa.timestamp(unit, zone or "UTC"))
    if zone is None:
        moments = moments.cast(pa.timestamp(unit))
    pq.write_table(table.set_column(0, "at", moments), file)
    description = TrainingSet(rows=240, features=["first"], label="label", timestamp="at", sha256="")
    day = Window(window.start, window.start + timedelta(days=1))
    expected = frame["first"].head(24).to_numpy()
    assert np.array_equal(read_examples(file, description, day).features["first"], expected, equal_nan=True)


def test_the_order_of_the_file_does_not_matter(frame: pd.DataFrame, write: Write, window: Window) -> None:
    frame["at"] = frame["at"].dt.floor("1D")
    straight = read_examples(*write(frame), window)
    shuffled = read_examples(*write(frame.sample(frac=1, random_state=3)), window)
    pd.testing.assert_frame_equal(straight.features, shuffled.features)
    assert straight.labels.tolist() == shuffled.labels.tolist()


def test_categories_decimals_and_a_column_of_nothing_can_be_used(
    frame: pd.DataFrame, write: Write, window: Window
) -> None:
    frame["kind"] = frame["kind"].astype("category")
    frame["second"] = [Decimal("1.25")] * len(frame)
    frame["flag"] = None
    features = read_examples(*write(frame), window).features
    assert set(features["kind"]) == {"a", "b", None}
    assert set(features["second"]) == {1.25}
    assert features["flag"].isna().all()


def test_a_feature_may_be_called_label(frame: pd.DataFrame, write: Write, window: Window) -> None:
    frame = frame.rename(columns={"label": "late", "first": "moment"}).assign(label=1.0)
    file, description = write(frame, features=["moment", "label"], label="late")
    assert set(read_examples(file, description, window).features["label"]) == {1.0}


@pytest.mark.parametrize("labels", [[0, 1], [True, False], np.array([0, 1], dtype="uint8"), [0.0, 1.0]])
def test_labels_are_zero_and_one_or_boolean(
    labels: list[int], frame: pd.DataFrame, write: Write, window: Window
) -> None:
    frame["label"] = np.resize(labels, len(frame))
    assert set(read_examples(*write(frame), window).labels.tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["yes", "no"], {"yes", "no"}),
        ([3, -1, 2], {3, -1, 2}),
        ([0.0, 1.0, 7.0], {0, 1, 7}),
        ([0.5, 1.5], {0.5, 1.5}),
        ([Decimal(1), Decimal(4)], {1, 4}),
    ],
)
def test_classes_are_text_or_numbers_and_whole_ones_are_integers(
    labels: list[object], found: set[object], frame: pd.DataFrame, write: Write, window: Window
) -> None:
    frame["label"] = np.resize(np.array(labels, dtype=object), len(frame))
    read = read_examples(*write(frame), window).labels.tolist()
    assert set(read) == found
    assert {type(label) for label in read} == {type(label) for label in found}


@pytest.mark.parametrize("labels", [[0, 1], [0.25, 7.0], [Decimal("1.5"), Decimal(2)]])
def test_numbers_to_predict_are_doubles(
    labels: list[object], frame: pd.DataFrame, write: Write, window: Window
) -> None:
    frame["label"] = np.resize(np.array(labels, dtype=object), len(frame))
    read = read_examples(*write(frame, regression=True), window).labels
    assert (read.dtype, set(read)) == (np.float64, {float(label) for label in labels})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labels", "regression", "message"),
    [
        (["yes", "no"], True, "the label 'label' is (large_)?string; it must be a number"),
        ([True, False], True, "the label 'label' is bool; it must be a number"),
        ([0.0, float("inf")], False, "is infinite in 120 of 240 rows"),
        ([0.0, float("-inf")], True, "is infinite in 120 of 240 rows"),
        ([True, None], False, "is missing in 120 of 240 rows"),
        ([0.0, float("nan")], True, "is missing in 120 of 240 rows"),
        ([pd.Timestamp("2024-01-01")], False, "is timestamp.*; it must be text, a boolean or a number"),
    ],
)
def test_other_labels_are_refused(
    labels: list[object], regression: bool, message: str, frame: pd.DataFrame, write: Write, window: Window
) -> None:
    frame["label"] = np.resize(np.array(labels, dtype=object), len(frame))
    frame = frame.infer_objects() if labels[0] is not True or None not in labels else frame
    file, description = write(frame, regression=regression)
    with pytest.raises(DataError, match=message):
        read_examples(file, description, window)


def test_missing_columns_are_named_with_those_that_are_there(frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame, features=["first", "third", "fourth"])
    with pytest.raises(DataError, match="no column 'third', 'fourth'; there are: at, first, second, kind"):
        read_examples(file, description, window)


def test_a_time_is_no_feature(frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame.assign(when=frame["at"]))
    with pytest.raises(DataError, match=r"the feature 'when' is timestamp.*numbers, booleans and text"):
        read_examples(file, description, window)


def test_a_timestamp_that_is_none_is_refused(frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame, timestamp="second", features=["first"])
    with pytest.raises(DataError, match="the timestamp column 'second' is int64, not a time"):
        read_examples(file, description, window)


def test_the_event_time_among_the_features_is_one_clear_error(
    frame: pd.DataFrame, write: Write, window: Window
) -> None:
    file, description = write(frame, features=["first", "at"])
    with pytest.raises(CannotLearn, match=r"the feature 'at' is timestamp.*numbers, booleans and text") as caught:
        read_examples(file, description, window)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    "values",
    [
        pa.array([[1, 2]] * 240),
        pa.array([{"a": 1}] * 240),
        pa.array([b"x"] * 240),
        pa.array([1] * 240, pa.duration("s")),
        pa.array([1] * 240, pa.time64("us")),
        pa.array([1] * 240, pa.date32()),
    ],
    ids=["list", "struct", "bytes", "duration", "time", "date"],
)
def test_what_is_no_number_or_text_is_no_feature(
    values: pa.Array, frame: pd.DataFrame, window: Window, tmp_path: Path
) -> None:
    file = tmp_path / "set.parquet"
    table = pa.Table.from_pandas(frame)
    pq.write_table(table.set_column(table.column_names.index("second"), "second", values), file)
    description = TrainingSet(rows=240, features=["first", "second"], label="label", timestamp="at", sha256="")
    with pytest.raises(CannotLearn, match="the feature 'second' is"):
        read_examples(file, description, window)


def test_a_decimal_that_is_almost_one_is_no_label(frame: pd.DataFrame, window: Window, tmp_path: Path) -> None:
    file = tmp_path / "set.parquet"
    table = pa.Table.from_pandas(frame)
    almost = pa.array([Decimal("0.99999999999999999999"), Decimal(0)] * 120)
    pq.write_table(table.set_column(table.column_names.index("label"), "label", almost), file)
    description = TrainingSet(rows=240, features=["first"], label="label", timestamp="at", sha256="")
    with pytest.raises(CannotLearn, match=r"holds 0\.99999999999999999999, .*; classes are text, b"):
        read_examples(file, description, window)


@pytest.mark.parametrize("sign", [1, -1])
def test_whole_numbers_a_double_cannot_hold_are_named(
    sign: int, frame: pd.DataFrame, write: Write, window: Window
) -> None:
    assert read_examples(*write(frame.assign(second=sign * 2**53)), window).rounded == ()
    beyond = frame["second"].astype("int64").to_numpy().copy()
    beyond[100] = sign * (2**53 + 1)
    assert read_examples(*write(frame.assign(second=beyond)), window).rounded == ("second",)
