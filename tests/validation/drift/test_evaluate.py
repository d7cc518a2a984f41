"""From outcomes to findings: which limit decides, at it and beyond it, and every number that is kept."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from maestro_ml.core.corrections import benjamini_hochberg, holm
from maestro_ml.core.findings import Finding
from maestro_ml.drift_methods.method import DriftMethod, Outcome
from maestro_ml.project.drift import Drift
from maestro_ml.validation.drift.evaluate import evaluate_tests
from maestro_ml.validation.drift.plan import DriftTest


def never(*_: object) -> Outcome:
    raise AssertionError


TESTED = DriftMethod("tested", "why", compare_numbers=never, check="tested_check")
SIZED = DriftMethod("psi", "why", limit=0.2, compare_numbers=never)


class Rows(SimpleNamespace):
    def __str__(self) -> str:
        return str(self.name)


CONTEXT: Any = SimpleNamespace(current=Rows(count=110, name="January"), reference=Rows(count=130, name="December"))


def evaluated(
    outcomes: list[Outcome], method: DriftMethod = TESTED, role: str = "feature", **drift: Any
) -> list[Finding]:
    tests = [DriftTest(f"c{place}", role, "numeric", method) for place in range(len(outcomes))]
    declared = Drift.model_validate(drift, context={"mistakes": "later"})
    return evaluate_tests(tests, outcomes, CONTEXT, declared)


def outcome(p: float | None, effect: float | None = 0.3, **more: Any) -> Outcome:
    return Outcome(120, 100, **{"statistic": 3.5, "description": "T = {value}", "p_value": p, "effect": effect, **more})


def test_every_field_of_a_finding_by_p_value() -> None:
    [found] = evaluated([outcome(0.01, numbers={"cells": 4})], severity="error", min_effect=0.1)
    assert found.numbers == {
        "statistic": 3.5,
        "p_value": 0.01,
        "p_limit": 0.05,
        "p_holm": 0.01,
        "p_benjamini_hochberg": 0.01,
        "correction": "none",
        "tests": 1,
        "effect": 0.3,
        "min_effect": 0.1,
        "cells": 4,
        "values": 100,
        "reference_values": 120,
        "missing": 10,
        "reference_missing": 10,
    }
    fields = found.model_dump(exclude={"result", "numbers"})
    assert fields == {
        "stage": "drift",
        "check": "tested_check",
        "column": "c0",
        "outcome": "violated",
        "severity": "error",
        "message": "differs from the reference: T = 0.3000, p = 0.01 (limit 0.05), "
        "the smallest effect that counts is 0.1, 100 values against 120",
        "sample": None,
    }


@pytest.mark.parametrize(("p", "violated"), [(0.05, False), (math.nextafter(0.05, 0), True), (0.06, False)])
def test_p_must_be_below_its_limit(p: float, violated: bool) -> None:
    [found] = evaluated([outcome(p)])
    assert found.violated is violated
    assert found.message.startswith("differs from" if violated else "is like")


@pytest.mark.parametrize(
    ("effect", "violated"), [(0.3, True), (math.nextafter(0.3, 0), False), (0.31, True), (None, False)]
)
def test_an_effect_of_just_the_smallest_that_counts_is_drift(effect: float | None, violated: bool) -> None:
    assert evaluated([outcome(1e-9, effect)], min_effect=0.3)[0].violated is violated


@pytest.mark.parametrize(
    ("correction", "expected"),
    [("none", [True, True, True]), ("holm", [True, False, False]), ("benjamini-hochberg", [True, True, True])],
)
def test_p_values_are_corrected_for_all_tests_of_the_run(correction: str, expected: list[bool]) -> None:
    p_values = [0.01, 0.03, 0.04]
    found = evaluated([outcome(p) for p in p_values], correction=correction)
    assert [each.violated for each in found] == expected
    for place, each in enumerate(found):
        assert each.numbers["p_value"] == p_values[place]
        assert each.numbers["p_holm"] == holm(p_values)[place]
        assert each.numbers["p_benjamini_hochberg"] == benjamini_hochberg(p_values)[place]
        assert (each.numbers["tests"], each.numbers["correction"]) == (3, correction)
    name = "Benjamini-Hochberg" if correction == "benjamini-hochberg" else "Holm"
    corrected = found[1].numbers["p_benjamini_hochberg" if name != "Holm" else "p_holm"]
    assert f"p = 0.03 (limit 0.05; {corrected:.3g} corrected by {name} for 3 tests)" in found[1].message


def test_what_cannot_be_compared_is_no_test_of_the_correction() -> None:
    found = evaluated([outcome(0.01), Outcome(5, 6, obstacle="it is odd"), outcome(0.04)])
    assert [each.numbers.get("tests") for each in found] == [2, None, 2]
    assert (found[1].violated, found[1].message) == (True, "cannot be compared: it is odd")
    assert found[1].numbers == {"values": 6, "reference_values": 5, "missing": 104, "reference_missing": 125}


@pytest.mark.parametrize(
    ("reference", "current", "message"),
    [
        (0, 5, "no value in the reference (December)"),
        (5, 0, "no value in the window (January)"),
        (0, 0, "no value in the reference (December)"),
    ],
)
def test_an_empty_side_cannot_be_compared(reference: int, current: int, message: str) -> None:
    [found] = evaluated([Outcome(reference, current)])
    assert (found.violated, found.message) == (True, f"cannot be compared: {message}")


@pytest.mark.parametrize(("smallest", "obstacle"), [(0.05, True), (math.nextafter(0.05, 0), False), (0.0, False)])
def test_where_no_p_could_be_below_the_limit_nothing_is_tested(smallest: float, obstacle: bool) -> None:
    [found] = evaluated([outcome(0.5, smallest_p=smallest)])
    assert found.violated is obstacle
    if obstacle:
        assert found.message == (
            "cannot be compared: 100 values against 120: too few, or repeated too seldom, to show a difference: "
            "the smallest possible p is 0.05 (limit 0.05)"
        )
    [sized] = evaluated([outcome(0.5, smallest_p=1.0)], limits={"tested": 0.4})
    assert not sized.violated  # the size decides


@pytest.mark.parametrize(("size", "violated"), [(0.2, False), (math.nextafter(0.2, 1), True)])
def test_a_size_may_be_at_its_limit(size: float, violated: bool) -> None:
    [found] = evaluated([outcome(None, None, statistic=size)], SIZED)
    assert found.violated is violated
    counts = {"values": 100, "reference_values": 120, "missing": 10, "reference_missing": 10}
    assert found.numbers == {"statistic": size, "limit": 0.2, **counts}
    shown = "0.2000" if not violated else "0.20000000000000004"
    start = "differs from" if violated else "is like"
    assert found.message == f"{start} the reference: T = {shown} (at most 0.2), 100 values against 120"


@pytest.mark.parametrize(("limit", "violated"), [(0.3, False), (0.29, True)])
def test_a_limit_of_the_project_file_is_of_the_effect_where_there_is_one(limit: float, violated: bool) -> None:
    [found] = evaluated([outcome(1e-9)], limits={"tested": limit})
    assert (found.violated, found.numbers["statistic"], found.numbers["limit"]) == (violated, 0.3, limit)
    [found] = evaluated([outcome(1e-9, None)], limits={"tested": limit})
    assert (found.violated, found.numbers["statistic"]) == (True, 3.5)


@pytest.mark.parametrize("p", [0.001234567, 0.0499999999, 0.05000000001])
def test_a_p_value_has_three_digits_and_as_many_as_show_its_side_of_the_limit(p: float) -> None:
    shown = {0.001234567: "0.00123", 0.0499999999: "0.0499999999", 0.05000000001: "0.05000000001"}[p]
    assert f"p = {shown} (limit 0.05)" in evaluated([outcome(p)])[0].message
    if p > 0.05:
        assert f"possible p is {shown} (limit 0.05)" in evaluated([outcome(0.5, smallest_p=p)])[0].message
    [impossible] = evaluated([outcome(0.5, smallest_p=0.123456)])
    assert "possible p is 0.123 (limit 0.05)" in impossible.message
    two = evaluated([outcome(p / 2), outcome(0.9)], correction="holm")
    assert f"{shown} corrected by Holm for 2 tests" in two[0].message


def test_a_method_with_a_limit_is_judged_by_its_statistic_whatever_its_p_value() -> None:
    for p, limits in ((1e-9, {}), (0.9, {}), (0.9, {"psi": 0.2})):
        [found] = evaluated([outcome(p, statistic=0.2)], SIZED, limits=limits)
        assert (found.violated, found.numbers["statistic"], found.numbers["limit"]) == (False, 0.2, 0.2)
        [found] = evaluated([outcome(p, statistic=0.21)], SIZED, limits=limits)
        assert (found.violated, "p_value" in found.numbers) == (True, False)


@pytest.mark.parametrize("limits", [{}, {"psi": 0.4}])
def test_a_size_that_chance_alone_could_give_is_not_judged_whatever_its_limit(limits: dict[str, float]) -> None:
    [found] = evaluated([outcome(None, None, statistic=0.3, smallest_p=1.0)], SIZED, limits=limits)
    assert found.message.startswith("cannot be compared: 100 values against 120: too few")


def test_a_label_has_a_check_of_its_own_and_says_by_what_it_was_tested() -> None:
    [found] = evaluated([outcome(0.01)], role="label")
    assert (found.check, found.numbers["test"]) == ("label_drift", "tested_check")
    [found] = evaluated([outcome(0.01)])
    assert "test" not in found.numbers
