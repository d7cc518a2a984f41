"""Codes of labels, whatever type the estimator answers in."""

from typing import Any

import numpy as np
import pytest

from maestro_ml.training.target import Target


@pytest.mark.parametrize(
    ("classes", "labels", "codes"),
    [
        ((0, 1), np.array([1, 0, 7, 1]), [1, 0, -1, 1]),
        ((0, 1), np.array([True, False]), [1, 0]),
        ((0, 1), np.array([1.0, 0.0, 0.5, np.nan]), [1, 0, -1, -1]),
        ((0, 1), np.array([1, None, "1", False], dtype=object), [1, -1, -1, 0]),
        (("no", "yes"), np.array(["yes", "no", "maybe"]), [1, 0, -1]),
        (("no", "yes"), np.array(["yes", None], dtype=object), [1, -1]),
        ((0.5, 1.5), np.array([], dtype=float), []),
    ],
)
def test_a_label_has_the_place_of_its_class(classes: Any, labels: Any, codes: list[int]) -> None:
    found = Target(task="multiclass", classes=classes).codes(labels)
    assert found.tolist() == codes
    assert found.dtype == int
