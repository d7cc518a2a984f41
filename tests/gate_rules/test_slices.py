"""The slices rule: which slice it calls worse than the floor, and which it cannot judge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged_rules import judge, right

from maestro_ml.core.errors import RequestError
from maestro_ml.metrics.metric import Predictions


def in_groups(*groups: tuple[str, int, int]) -> tuple[Predictions, np.ndarray]:
    """(value, correct, rows) of each slice."""
    parts = [right(correct, rows) for _, correct, rows in groups]
    merged = Predictions(
        "binary",
        np.concatenate([part.actual for part in parts]),
        np.concatenate([part.predicted for part in parts]),
        None,
        (0, 1),
    )
    return merged, np.concatenate([np.full(rows, value, dtype=object) for value, _, rows in groups])


SLICES = {"rule": "slices", "by": ["kind"], "metric": "accuracy", "above": 0.8}


def test_a_slice_that_is_worse_than_the_floor_by_more_than_chance_is_named() -> None:
    rows, kinds = in_groups(("a", 900, 1_000), ("b", 60, 100), ("c", 5, 10))
    found = judge(SLICES, rows, columns={"kind": kinds})
    assert not found.passed
    assert "1 of 2 slices are below 0.8 by more than chance: kind = b (0.6 on 100 rows" in found.message
    assert "1 with fewer than 30 rows" in found.message
    by_value = {each.value: each for each in found.slices}
    assert {value: each.passed for value, each in by_value.items()} == {"a": True, "b": False, "c": True}
    assert by_value["c"].p_value is None
    assert by_value["b"].low < 0.6 < by_value["b"].high  # type: ignore[operator]


def test_a_slice_a_little_below_the_floor_is_chance() -> None:
    rows, kinds = in_groups(("a", 900, 1_000), ("b", 77, 100))
    assert judge(SLICES, rows, columns={"kind": kinds}).passed


def test_the_more_slices_the_more_it_takes_to_call_one_bad() -> None:
    few = in_groups(("a", 90, 100), ("b", 72, 100))
    many = in_groups(("b", 72, 100), *((f"k{i}", 90, 100) for i in range(20)))
    assert not judge({**SLICES, "above": 0.82}, few[0], columns={"kind": few[1]}).passed
    for correction in ("holm", "bonferroni"):
        assert judge({**SLICES, "above": 0.82, "correction": correction}, many[0], columns={"kind": many[1]}).passed


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True), st.integers(-3, 3)), min_size=1, max_size=80))
def test_slices_hold_every_row_once(values: list[float | None]) -> None:
    from maestro_ml.gate_rules.slicing import slices_of

    for column in (np.array(values, dtype=float), np.array([v if v is None else str(v) for v in values], dtype=object)):
        places = np.concatenate([rows for _, rows in slices_of(column)])
        assert sorted(places.tolist()) == list(range(len(values)))


def test_slices_by_what_the_candidate_never_saw_are_refused() -> None:
    rule = {"rule": "slices", "metric": "accuracy", "by": ["x", "y"], "above": 0.5}
    with pytest.raises(RequestError, match="the rule slices: y is no feature of the model; there are: x"):
        judge(rule, right(80, 100), columns={"x": np.arange(100)})
