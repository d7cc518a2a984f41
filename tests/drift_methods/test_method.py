"""What a drift method must bring, and what follows from it."""

import pytest

from maestro_ml.drift_methods.method import DriftMethod, Outcome
from maestro_ml.drift_methods.registry import METHODS, reason_of


def outcome(*_: object) -> Outcome:
    return Outcome(1, 1)


@pytest.mark.parametrize(
    ("compare", "kinds", "needs_arrays"),
    [
        (["compare_numbers"], ("numeric",), True),
        (["compare_distance"], ("numeric",), False),
        (["compare_categories"], ("categorical",), False),
        (["compare_numbers", "compare_categories"], ("numeric", "categorical"), True),
        (["compare_numbers", "compare_distance"], ("numeric",), False),
    ],
)
def test_what_a_method_compares_follows_from_its_functions(compare, kinds, needs_arrays):
    method = DriftMethod("mine", "It matters.", **dict.fromkeys(compare, outcome))
    assert (method.kinds, method.needs_arrays) == (kinds, needs_arrays)


def test_a_method_that_compares_nothing_is_refused():
    with pytest.raises(ValueError, match="the drift method mine compares nothing"):
        DriftMethod("mine", "It matters.")


def test_findings_carry_the_methods_name_unless_it_gives_another():
    assert DriftMethod("mine", "", compare_numbers=outcome).check == "mine"
    assert DriftMethod("mine", "", compare_numbers=outcome, check="yours").check == "yours"


@pytest.mark.parametrize("method", METHODS.built_in.values(), ids=lambda method: method.name)
def test_every_method_says_why_its_drift_matters(method):
    assert reason_of(method.check) == method.why
    assert METHODS.find(method.name) is method


def test_a_name_that_nobody_knows_is_no_method():
    assert METHODS.find("tarot") is None
    assert reason_of("tarot") is None
