"""The error budget of a year: what each look spends, what it buys, and that simulated years keep it."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from maestro_ml.core.schedules import runs_per_year
from maestro_ml.gate_rules.budget import Budget, Look, critical, detectable, in_words, power
from maestro_ml.gate_rules.simulation import simulate
from maestro_ml.gate_rules.statistics import mcnemar

END = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("0 4 * * 0", 52),
        ("0 4 * * 1", 53),
        ("0 4 * * mon-fri", 261),
        ("0 */6 * * *", 4 * 365),
        ("*/30 0 1 * *", 24),
        ("0 4 1 1 *", 1),
        ("0 4 1,15 * 1", 53 + 24 - 4),
        ("5/20 4 * * *", 3 * 365),
        ("0 4 * * 0,7", 52),
        ("@weekly", 52),
        ("@daily", 365),
        ("@once", None),
        ("@continuous", None),
        ("0 4 * * 1#1", None),
        (None, None),
    ],
)
def test_the_looks_of_a_year_follow_from_the_schedule(schedule: str | None, runs: int | None) -> None:
    assert runs_per_year(schedule) == runs


def looks(count: int, error: float, before: datetime = END) -> list[Look]:
    return [Look(f"c{i}", before - timedelta(days=7 * i + 1), error) for i in range(count)]


def test_each_look_spends_the_same_share() -> None:
    budget = Budget(0.05, 50)
    assert budget.each == pytest.approx(0.001)
    assert budget.left("new", END, looks(49, 0.001)) == budget.each


def test_more_looks_than_planned_get_what_is_left() -> None:
    budget = Budget(0.05, 50)
    assert budget.left("new", END, looks(50, 0.001)) == pytest.approx(0, abs=1e-12)
    assert budget.left("new", END, looks(49, 0.00101)) == pytest.approx(0.05 - 49 * 0.00101)


def test_a_retry_spends_nothing_and_an_old_look_no_longer_counts() -> None:
    budget = Budget(0.01, 10)
    assert budget.left("c0", END, looks(10, 0.001)) == budget.each
    old = [Look("old", END - timedelta(days=366), 0.01)]
    assert budget.left("new", END, old) == budget.each
    assert budget.left("new", END, [Look("later", END + timedelta(days=1), 0.01)]) == budget.each


@given(st.floats(0.001, 2), st.integers(1, 400), st.integers(0, 900))
def test_what_is_spent_in_a_year_is_never_more_than_the_budget(per_year: float, planned: int, made: int) -> None:
    budget = Budget(per_year, planned)
    spent: list[Look] = []
    for number in range(min(made, 60)):
        end = END + timedelta(days=number)
        spent.append(Look(f"c{number}", end, budget.left(f"c{number}", end, spent)))
    assert sum(look.error for look in spent) <= per_year * (1 + 1e-6)


@given(st.integers(0, 300), st.floats(1e-4, 0.5))
def test_the_critical_number_is_the_smallest_that_mcnemars_test_accepts(rows: int, error: float) -> None:
    [needed] = critical(np.array([rows]), error).tolist()
    if needed <= rows:
        assert mcnemar(needed, rows - needed) <= error
    if needed:
        assert mcnemar(needed - 1, rows - needed + 1) > error


@pytest.mark.parametrize(("rows", "gain", "error"), [(30, 0.1, 0.05), (50, 0.0, 0.05), (40, 0.3, 0.01)])
def test_power_is_the_sum_over_every_way_rows_can_differ(rows: int, gain: float, error: float) -> None:
    share = max(0.2, gain)
    chance, expected = (share + gain) / 2 / share, 0.0
    for differ in range(rows + 1):
        for wins in range(differ + 1):
            if stats.binom.sf(wins - 1, differ, 0.5) <= error and differ:
                expected += stats.binom.pmf(differ, rows, share) * stats.binom.pmf(wins, differ, chance)
    assert power(rows, gain, error, 0.2) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_is_detectable_without_rows_enough(rows: int) -> None:
    assert detectable(rows, 0.05) is None
    assert in_words(rows, 0.05) == f"with {rows} test rows and an error of 0.05 no improvement can be found"


def test_the_gain_that_is_detectable_is_found_four_times_out_of_five() -> None:
    gain = detectable(2_000, 0.05, 0.1)
    assert gain is not None
    assert power(2_000, gain, 0.05, 0.1) == pytest.approx(0.8, abs=0.01)
    assert gain == pytest.approx(0.018, abs=0.002)
    assert "with 2,000 test rows" in in_words(2_000, 0.05)
    assert "1.8 points" in in_words(2_000, 0.05)


def test_of_another_metric_than_accuracy_the_gain_is_in_standard_errors() -> None:
    said = in_words(720, 0.025, "f1_macro")
    assert said.startswith("with 720 test rows and an error of 0.025, a f1 macro that is better by 2.8 standard errors")
    assert "accuracy" not in said
    assert "no improvement can be found" in in_words(720, 0.0, "mae")


def test_few_rows_can_show_nothing() -> None:
    assert detectable(5, 0.001) is None
    assert "no improvement can be found" in in_words(5, 0.001)
    assert "no improvement can be found" in in_words(5_000, 0.0)


def test_two_thousand_years_of_equally_good_challengers_keep_the_budget() -> None:
    found = simulate(Budget(0.05, 52), rows=2_000, disagreement=0.1, limit=0.85)
    by_gate = {(year.candidates[:2], year.gate[:4]): year for year in found.wrong}
    assert by_gate["as", "this"].years_with_a_wrong_promotion <= 0.06
    assert by_gate["of", "this"].years_with_a_wrong_promotion <= 0.06
    assert by_gate["as", "the "].years_with_a_wrong_promotion > 0.99
    assert by_gate["of", "the "].years_with_a_wrong_promotion > 0.99
    assert by_gate["as", "McNe"].years_with_a_wrong_promotion > 0.5
    for gain in found.power:
        assert gain.simulated == pytest.approx(gain.exact, abs=0.02)


def test_a_year_of_one_look_spends_all_of_it() -> None:
    found = simulate(Budget(0.05, 1), rows=500, disagreement=0.2, limit=0.9, years=4_000)
    this = next(year for year in found.wrong if year.gate == "this gate")
    assert this.years_with_a_wrong_promotion == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 4_000) + 0.01)
