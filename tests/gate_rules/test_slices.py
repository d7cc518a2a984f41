"""The slices rule: which slice it calls worse than the floor, and which it cannot judge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged_rules import judge, right
from scipy import stats

from maestro_ml.core.errors import RequestError
from maestro_ml.gate_rules.slicing import slices_of
from maestro_ml.metrics.metric import Predictions


def in_groups(*groups: tuple[str, int, int]) -> tuple[Predictions, np.ndarray]:
    """Return (value, correct, rows) of each slice."""
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
    assert "1 are not judged: fewer than 30 rows" in found.message
    by_value = {each.value: each for each in found.slices}
    assert {value: each.passed for value, each in by_value.items()} == {"a": True, "b": False, "c": True}
    assert by_value["c"].p_value is None
    assert by_value["b"].low < 0.6 < by_value["b"].high  # type: ignore[operator]


def test_a_slice_that_chance_cannot_make_at_all_is_named_first() -> None:
    rows, kinds = in_groups(("b", 60, 100), ("never", 0, 2_000), ("c", 55, 100))
    found = judge(SLICES, rows, columns={"kind": kinds})
    assert {each.value for each in found.slices if each.p_value == 0} == {"never"}
    places = [found.message.index(f"kind = {value} ") for value in ("never", "c", "b")]
    assert places == sorted(places)


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
    for column in (np.array(values, dtype=float), np.array([v if v is None else str(v) for v in values], dtype=object)):
        places = np.concatenate([rows for _, rows in slices_of(column)])
        assert sorted(places.tolist()) == list(range(len(values)))


def test_slices_by_what_the_candidate_never_saw_are_refused() -> None:
    rule = {"rule": "slices", "metric": "accuracy", "by": ["x", "y"], "above": 0.5}
    with pytest.raises(RequestError, match="the rule slices: y is no feature of the model; there are: x"):
        judge(rule, right(80, 100), columns={"x": np.arange(100)})


def test_each_slice_has_its_numbers_and_the_worst_are_named_first() -> None:
    rows, kinds = in_groups(("a", 90, 100), ("b", 10, 40), ("c", 5, 29), ("d", 24, 30))
    found = judge(SLICES, rows, columns={"kind": kinds})
    assert found.model_dump(exclude={"slices"}) == {
        "name": "slices",
        "limit": 0.8,
        "required": True,
        "passed": False,
        "message": "accuracy: 1 of 3 slices are below 0.8 by more than chance: kind = b (0.25 on 40 rows, "
        "p = 3.19e-13) (Holm, alpha 0.05); 1 are not judged: fewer than 30 rows, or accuracy is not defined",
        "metric": "accuracy",
        "numbers": {"slices": 4, "judged": 3, "failed": 1, "alpha": 0.05},
    }
    z = -stats.norm.ppf(0.05 / 3 / 2)
    expected = {}
    for value, correct, count in (("a", 90, 100), ("b", 10, 40), ("c", 5, 29), ("d", 24, 30)):
        interval = stats.binomtest(correct, count).proportion_ci(2 * stats.norm.cdf(z) - 1, method="wilson")
        p = stats.binomtest(correct, count, 0.8, alternative="less").pvalue
        expected[value] = (count, correct / count, interval.low, interval.high, p)
    for each in found.slices:
        rows_, measured, low, high, p = expected[each.value]
        assert (each.column, each.rows, each.passed) == ("kind", rows_, each.value != "b")
        assert (each.measured, each.low, each.high) == pytest.approx((measured, low, high))
        corrected = pytest.approx(3 * p if each.value == "b" else 1)
        assert each.p_value == (None if each.value == "c" else corrected)


def test_three_of_the_slices_are_named_and_the_others_counted() -> None:
    four, kinds = in_groups(("a", 3, 40), ("b", 1, 40), ("c", 0, 40), ("d", 2, 40))
    found = judge({**SLICES, "alpha": 0.01, "correction": "bonferroni"}, four, columns={"kind": kinds})
    p = [4 * stats.binom.cdf(correct, 40, 0.8) for correct in range(4)]
    assert found.message == (
        "accuracy: 4 of 4 slices are below 0.8 by more than chance: "
        f"kind = c (0 on 40 rows, p = {p[0]:.3g}), kind = b (0.025 on 40 rows, p = {p[1]:.3g}), "
        f"kind = d (0.05 on 40 rows, p = {p[2]:.3g}) and 1 more (Bonferroni, alpha 0.01)"
    )
    three, kinds = in_groups(("b", 1, 40), ("c", 0, 40), ("d", 2, 40))
    assert "more (" not in judge(SLICES, three, columns={"kind": kinds}).message.replace("by more than", "")
    good, kinds = in_groups(("b", 40, 40))
    assert judge(SLICES, good, columns={"kind": kinds}).message == (
        "accuracy: none of 1 slices is below 0.8 by more than chance (Holm, alpha 0.05)"
    )


def test_a_slice_whose_p_value_is_just_alpha_is_bad() -> None:
    rows, kinds = in_groups(("a", 0, 2))
    alpha = stats.binom.cdf(0, 2, 0.5)
    rule = {**SLICES, "above": 0.5, "min_rows": 2, "correction": "bonferroni"}
    for limit, passed in ((alpha, False), (alpha - 1e-9, True)):
        assert judge({**rule, "alpha": limit}, rows, columns={"kind": kinds}).passed is passed


@pytest.mark.parametrize(("rows", "judged"), [(29, 0), (30, 1)])
def test_a_slice_is_judged_from_min_rows_on(rows: int, judged: int) -> None:
    few, kinds = in_groups(("a", 1, rows))
    found = judge(SLICES, few, columns={"kind": kinds})
    assert (found.numbers["judged"], found.passed) == (judged, not judged)


def test_a_slice_of_an_error_is_bad_where_it_is_above_the_floor() -> None:
    rng = np.random.default_rng(0)
    noise = np.concatenate([rng.normal(size=200), 3 * rng.normal(size=200)])
    rows = Predictions("regression", noise, np.zeros(400))
    kinds = np.repeat(np.array(["small", "large"], dtype=object), 200)
    found = judge({"rule": "slices", "by": ["kind"], "metric": "mae", "below": 1.0}, rows, columns={"kind": kinds})
    assert {each.value: each.passed for each in found.slices} == {"small": True, "large": False}
    large = next(each for each in found.slices if each.value == "large")
    part = np.abs(noise[200:])
    z = (part.mean() - 1) / (part.std(ddof=1) / 200**0.5)
    assert stats.norm.isf(large.p_value / 2) == pytest.approx(z, rel=0.1)
    half = -stats.norm.ppf(0.05 / 2 / 2) * part.std(ddof=1) / 200**0.5
    assert (large.high - large.measured, large.measured - large.low) == pytest.approx((half, half), rel=0.1)
    assert "1 of 2 slices are above 1 by more than chance: kind = large" in found.message


def test_a_slice_without_the_metric_is_not_judged() -> None:
    rows = Predictions("binary", np.zeros(40, int), np.zeros(40, int), None, (0, 1))
    kinds = np.full(40, "a", dtype=object)
    found = judge({**SLICES, "metric": "recall"}, rows, columns={"kind": kinds})  # no row is positive
    assert found.passed
    [only] = found.slices
    assert (only.rows, only.measured, only.low, only.high, only.p_value) == (40, None, None, None, None)
    found = judge({**SLICES, "metric": "precision"}, rows, columns={"kind": kinds})  # no row is called positive
    assert found.slices[0].measured is None
    assert "none of 0 slices is below 0.8" in found.message
    assert "1 are not judged: fewer than 30 rows, or precision is not defined" in found.message


def test_a_slice_in_which_every_row_has_the_same_error_is_judged_without_chance() -> None:
    kinds = np.full(40, "a", dtype=object)
    rule = {"rule": "slices", "by": ["kind"], "metric": "mae"}
    for floor, passed, p in ((1.0, True, 1.0), (0.9, False, 0.0)):
        found = judge(
            {**rule, "below": floor}, Predictions("regression", np.ones(40), np.zeros(40)), columns={"kind": kinds}
        )
        assert (found.passed, found.slices[0].p_value) == (passed, p)


def named(column: np.ndarray) -> dict[str, list[int]]:
    return {name: places.tolist() for name, places in slices_of(column)}


def test_up_to_twenty_numbers_are_slices_of_their_own_and_more_make_quarters() -> None:
    assert named(np.array([2.0, np.nan, 1.0, 2.0])) == {"1": [2], "2": [0, 3], "missing": [1]}
    assert list(named(np.arange(20) % 20)) == [str(i) for i in range(20)]
    quarters = {"up to 5": range(6), "above 5, up to 10": range(6, 11), "above 10, up to 15": range(11, 16)}
    assert named(np.arange(21)) == {**{k: list(v) for k, v in quarters.items()}, "above 15": [16, 17, 18, 19, 20]}


def test_the_fifty_commonest_texts_are_slices_and_the_rarer_ones_are_one_together() -> None:
    values = [f"v{i:02}" for i in range(50) for _ in range(2)]
    assert set(named(np.array(values, dtype=object))) == set(values)
    more = named(np.array([*values, "x", "y", None], dtype=object))
    assert (more["2 rarer values"], more["missing"]) == ([100, 101], [102])
    assert "x" not in more
    by_count = list(named(np.array(["a", "b", "b"], dtype=object)))
    assert by_count == ["b", "a"]
