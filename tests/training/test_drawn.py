"""Rows to test on that are drawn: which ones, and their summary; and which splits a project file may declare."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import Project, Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.models import Model
from maestro_ml.project.splits import Splitting, split_mistakes, splitting_of
from maestro_ml.training.drawn import test_rows as drawn_rows
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples, TrainingSet
from maestro_ml.training.split import Split, read_both, read_test, split_of
from maestro_ml.training.split import test_summary as summary_of
from maestro_ml.training.target import ZERO_ONE

Write = Callable[..., tuple[Path, TrainingSet]]


def examples(labels: list[int], groups: list[str] | None = None) -> Examples:
    frame = pd.DataFrame({"x": np.arange(float(len(labels)))})
    return Examples(frame, np.array(labels), groups=None if groups is None else np.array(groups, dtype=object))


@pytest.mark.parametrize(("rows", "share", "drawn"), [(10, 0.2, 2), (10, 0.26, 3), (7, 0.5, 4), (3, 0.1, 0)])
def test_so_many_rows_are_drawn_at_random(rows: int, share: float, drawn: int) -> None:
    splitting = Splitting(kind="random", share=share, seed=4)
    mask = drawn_rows(examples([0] * rows), splitting)
    assert mask.sum() == drawn
    chosen = np.random.default_rng(4).permutation(rows)[:drawn]
    assert sorted(np.flatnonzero(mask)) == sorted(chosen)


def test_of_each_class_the_same_share_is_drawn() -> None:
    labels = [0, 1, 1, 2, 2, 2] * 10
    mask = drawn_rows(examples(labels), Splitting(kind="stratified", share=0.2, seed=1))
    assert [int(mask[np.array(labels) == label].sum()) for label in (0, 1, 2)] == [2, 4, 6]
    assert not np.array_equal(mask, drawn_rows(examples(labels), Splitting(kind="stratified", share=0.2, seed=2)))


def test_a_group_is_drawn_by_its_name_and_the_seed_alone() -> None:
    groups = [f"g{i % 50}" for i in range(200)]
    mask = drawn_rows(examples([0] * 200, groups), Splitting(kind="grouped", by="home", share=0.3, seed=7))
    places = {g: int.from_bytes(hashlib.sha256(f"7:{g}".encode()).digest()[:8]) / 2**64 for g in set(groups)}
    assert mask.tolist() == [places[group] < 0.3 for group in groups]
    assert 0.1 < mask.mean() < 0.5


@pytest.fixture
def homes(frame: pd.DataFrame, write: Write) -> tuple[Path, TrainingSet]:
    """Provide the training set with a column of groups."""
    file, description = write(frame.assign(home=[f"h{i % 30}" for i in range(len(frame))]), group="home", sha256="abc")
    features = [name for name in description.features if name != "home"]
    return file, description.model_copy(update={"features": features})


DRAWN = [
    Splitting(kind="random", share=0.25),
    Splitting(kind="stratified", share=0.25, seed=3),
    Splitting(kind="grouped", by="home", share=0.25),
]


@pytest.mark.parametrize("splitting", DRAWN)
def test_every_row_is_fitted_on_or_tested_on(splitting: Splitting, homes: Any, window: Window) -> None:
    file, description = homes
    split = Split.of(window, timedelta(days=1), splitting)
    train, test = read_both(file, description, split)
    assert len(train) + len(test) == 240
    assert 30 <= len(test) <= 90
    assert len({*train.moments.tolist(), *test.moments.tolist()}) == 240
    again = read_test(file, description, split)
    assert again.moments.tolist() == test.moments.tolist()
    if splitting.by:
        assert not {*train.groups} & {*test.groups}


@pytest.mark.parametrize(
    ("splitting", "drawn"),
    [
        (None, ""),
        (DRAWN[0], "random of abc, share 0.25, seed 0"),
        (DRAWN[1], "stratified of abc, share 0.25, seed 3"),
        (DRAWN[2], "grouped by home, share 0.25, seed 0"),
    ],
)
def test_the_summary_names_the_draw(splitting: Splitting | None, drawn: str, homes: Any, window: Window) -> None:
    file, description = homes
    split = Split.of(window, timedelta(days=3), splitting)
    found = summary_of(split, description, read_test(file, description, split), ZERO_ONE)
    assert (found.drawn, found.timed, found.start, found.end) == (drawn, True, split.test.start, split.test.end)
    untimed = description.model_copy(update={"timestamp": None})
    assert not summary_of(split, untimed, read_test(file, description, split), ZERO_ONE).timed


def test_both_parts_of_a_split_by_time_are_read_at_once(homes: Any, window: Window) -> None:
    file, description = homes
    split = Split.of(window, timedelta(days=3), Splitting(gap=timedelta(days=1)))
    train, test = read_both(file, description, split)
    assert (len(train), len(test)) == (6 * 24, 72)
    assert len(read_test(file, description, split)) == 72


@pytest.mark.parametrize("part", ["training", "test"])
def test_each_part_of_a_read_is_checked_under_its_name(part: str, frame: pd.DataFrame, write: Write, window: Window):
    later = frame["at"] >= "2024-01-08"
    file, description = write(frame[~later if part == "test" else later])
    with pytest.raises(CannotLearn, match=f"there are no {part} rows: "):
        read_both(file, description, Split.of(window, timedelta(days=3)))
    if part == "test":
        with pytest.raises(CannotLearn, match="there are no trial rows: "):
            read_test(file, description, Split.of(window, timedelta(days=3)), "trial")


def test_numbers_to_test_on_may_be_the_same_and_those_to_fit_on_may_not(write: Write, frame: pd.DataFrame, window):
    late = frame["at"] >= "2024-01-08"
    for same, refused in ((late, False), (~late, True)):
        labels = np.where(same, 2.5, np.arange(240.0))
        file, description = write(frame.assign(label=labels), regression=True)
        split = Split.of(window, timedelta(days=3))
        if refused:
            message = r"the label 'label' is 2.5 in all 168 training rows \(.*\); a regression needs several values"
            with pytest.raises(CannotLearn, match=message):
                read_both(file, description, split)
        else:
            assert len(read_both(file, description, split)[1]) == 72


def test_a_part_of_one_class_needs_both(frame: pd.DataFrame, write: Write, window: Window) -> None:
    file, description = write(frame.assign(label=frame["label"] & (frame["at"] < "2024-01-08")))
    with pytest.raises(
        CannotLearn, match=r"the label 'label' is 0 in all 72 test rows \(.*\); a classifier needs two classes"
    ):
        read_both(file, description, Split.of(window, timedelta(days=3)))


def model(**given: object) -> Model:
    return Model.model_validate({"dataset": "d", "label": "y", "columns": ["x"], "register": {"name": "m"}, **given})


TIMED, TIMELESS = Dataset.model_construct(timestamp="at"), Dataset.model_construct(timestamp=None)
NUMBERS = {"task": "regression", "gate": {"metric": "rmse", "below": 1}}


def test_without_a_split_in_the_file_rows_are_split_by_time_or_drawn() -> None:
    declared = Splitting(kind="random", seed=4)
    assert splitting_of(model(), TIMED) == Splitting(kind="time")
    assert splitting_of(model(), TIMELESS) == Splitting(kind="stratified")
    assert splitting_of(model(**NUMBERS), TIMELESS) == Splitting(kind="random")
    for dataset in (TIMED, TIMELESS):
        assert splitting_of(model(split=declared), dataset) == declared


def test_the_split_of_a_model_is_of_its_window(window: Window) -> None:
    project = Project.model_construct(models={"m": model(test="2d", split={"gap": "1d"})}, datasets={"d": TIMED})
    expected = Split(
        Window(window.start, window.end - timedelta(days=3)), Window(window.end - timedelta(days=2), window.end)
    )
    assert split_of(project, "m", window) == expected


@pytest.mark.parametrize(
    ("declared", "message", "path"),
    [
        ({"kind": "random", "gap": "1d"}, "a gap is between times, and the split is random", ("gap",)),
        ({"share": 0.3}, "a split by time has the length `test` of the model, not a share", ("share",)),
        ({"kind": "grouped"}, "a grouped split needs `by`: the column whose values stay together", ()),
        ({"kind": "random", "by": "x"}, "`by` is for a grouped split, and this is random", ("by",)),
        ({"gap": "1d"}, None, None),
        ({"kind": "random", "share": 0.3}, None, None),
        ({"kind": "grouped", "by": "x"}, None, None),
    ],
)
def test_a_split_that_contradicts_itself(declared: dict[str, object], message: str | None, path: Any) -> None:
    found = [*Splitting.model_validate(declared, context={"mistakes": "later"}).mistakes()]
    because = (("kind",),) if path else ()
    assert [tuple(each) for each in found] == ([(path, message, because)] if message else [])


WHERE = ("models", "m")
NO_TIME = (("datasets", "d", "timestamp"),)


@pytest.mark.parametrize(
    ("declared", "dataset", "expected"),
    [
        ({"window": "9d", "test": "8d"}, TIMED, []),
        (
            {"window": "9d", "test": "9d"},
            TIMED,
            [("test", "the test range must be shorter than the window", ((*WHERE, "window"),))],
        ),
        ({"window": "9d", "test": "9d"}, None, [("test", "the test range must be shorter", ((*WHERE, "window"),))]),
        ({"window": "9d", "test": "7d", "split": {"gap": "1d"}}, TIMED, []),
        (
            {"window": "9d", "test": "8d", "split": {"gap": "1d"}},
            TIMED,
            [("split.gap", "the gap and the test range must be", ((*WHERE, "window"), (*WHERE, "test")))],
        ),
        ({"split": {"kind": "random"}}, TIMED, []),
        (
            {"test": "2d", "split": {"kind": "random"}},
            TIMED,
            [("test", "`test` is for a split by time, and this one is random", ((*WHERE, "split", "kind"), *NO_TIME))],
        ),
        (
            {"test": "2d"},
            TIMELESS,
            [("test", "`test` is for a split by time, and dataset d has no", ((*WHERE, "split", "kind"), *NO_TIME))],
        ),
        (
            {**NUMBERS, "split": {"kind": "stratified"}},
            TIMED,
            [("split.kind", "a stratified split is one by classes", ((*WHERE, "task"), (*WHERE, "gate", "metric")))],
        ),
        ({"split": {"kind": "time"}}, TIMELESS, [("split.kind", "dataset d has no `timestamp`; use random", NO_TIME)]),
        ({"window": "9d"}, TIMELESS, [("window", "a window is a range of time, and dataset d has", NO_TIME)]),
        ({}, TIMELESS, []),
        (
            {"columns": (), "feature_service": "f"},
            TIMELESS,
            [("feature_service", "features are looked up as of each row's time", NO_TIME)],
        ),
    ],
)
def test_a_split_that_does_not_suit_the_model(declared: dict[str, object], dataset: Any, expected: list[Any]) -> None:
    found = [*split_mistakes(model(**declared), "d", dataset, WHERE)]
    assert [(".".join(map(str, each.path[2:])), each.because) for each in found] == [(p, b) for p, _, b in expected]
    assert all(each.message.startswith(start) for each, (_, start, _) in zip(found, expected, strict=True))
