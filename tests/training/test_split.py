"""The split by time, and parts nothing can be learnt from."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from maestro_ml.project import RequestError, Window
from maestro_ml.project.splits import Splitting
from maestro_ml.tables import DataError
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import TrainingSet
from maestro_ml.training.split import Split, read_part

Write = Callable[..., tuple[Path, TrainingSet]]


def test_the_last_part_of_the_window_is_the_test(window: Window) -> None:
    split = Split.of(window, timedelta(days=3))
    assert split.train == Window(window.start, window.end - timedelta(days=3))
    assert split.test == Window(window.end - timedelta(days=3), window.end)


def test_no_row_is_in_both_parts_or_in_none(frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame)
    split = Split.of(window, timedelta(days=3))
    parts = [len(read_part(file, description, part, "use")) for part in (split.train, split.test)]
    assert parts == [168, 72]


@pytest.mark.parametrize("days", [10, 11])
def test_a_test_as_long_as_the_window_leaves_nothing_to_fit_on(days: int, window: Window) -> None:
    with pytest.raises(RequestError, match="no training row is left"):
        Split.of(window, timedelta(days=days))


def test_an_empty_part_says_which_range_was_looked_at(frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame[frame["at"] < "2024-01-05"])
    with pytest.raises(DataError, match=r"no test rows: none of the 96 rows of the training set is in 2024-01-08"):
        read_part(file, description, Split.of(window, timedelta(days=3)).test, "test")


def test_an_empty_training_set_is_said(frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame.head(0))
    with pytest.raises(DataError, match="there are no training rows: "):
        read_part(file, description, window, "training")


@pytest.mark.parametrize("label", [True, False])
def test_a_label_with_one_class_is_said(label: bool, frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame.assign(label=label))
    with pytest.raises(DataError, match=rf"the label 'label' is {int(label)} in all 240 training rows \(.*\); "):
        read_part(file, description, window, "training")


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_an_infinite_feature_is_named_with_its_rows(
    value: float, frame: pd.DataFrame, write: Write, window: Window
) -> None:
    frame.loc[230:, "first"] = value
    file, description = write(frame)
    split = Split.of(window, timedelta(days=3))
    assert len(read_part(file, description, split.train, "training")) == 168
    with pytest.raises(CannotLearn, match=r"infinite values among the 72 test rows \(.*\): 'first' in 10;"):
        read_part(file, description, split.test, "test")


def test_a_gap_is_in_neither_part(window: Window) -> None:
    split = Split.of(window, timedelta(days=3), Splitting(gap=timedelta(days=2)))
    assert split.train == Window(window.start, window.end - timedelta(days=5))
    assert split.test == Window(window.end - timedelta(days=3), window.end)
    assert split.drawn is None


def test_a_gap_and_a_test_as_long_as_the_window_leave_nothing_to_fit_on(window: Window) -> None:
    assert Split.of(window, timedelta(days=3), Splitting(gap=timedelta(days=6))).train.length == timedelta(days=1)
    with pytest.raises(RequestError, match=r"test range of 3d after a gap of 7d; no training row is left"):
        Split.of(window, timedelta(days=3), Splitting(gap=timedelta(days=7)))


@pytest.mark.parametrize("splitting", [Splitting(kind="random"), Splitting(kind="grouped", by="kind")])
def test_rows_that_are_drawn_come_from_the_whole_window(splitting: Splitting, window: Window) -> None:
    assert Split.of(window, timedelta(days=30), splitting) == Split(window, window, splitting)
