"""Each check brings all there is to say of it."""

import pytest

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.registry import CHECKS
from maestro_ml.validation.report.explanations import why_it_matters

NAMES = (
    "allowed compare duplicate_rows length missing monotonic null_rate_history predicate range reconcile references "
    "regex row_count_history rows unique"
)


def test_every_module_of_the_package_is_found():
    assert set(NAMES.split()) <= set(CHECKS.built_in)


@pytest.mark.parametrize("name", CHECKS.built_in)
def test_every_check_says_why_it_matters(name):
    assert why_it_matters(name) == CHECKS.built_in[name].why


def test_a_check_of_a_package_that_is_not_installed_here_is_explained_all_the_same():
    assert "package" in why_it_matters("never_heard_of")


def test_a_check_that_cannot_be_measured_cannot_be_made():
    class Unfinished(TolerantCheck):
        why = "Nobody knows."

    with pytest.raises(TypeError, match="probe"):
        Unfinished(check="unfinished")
