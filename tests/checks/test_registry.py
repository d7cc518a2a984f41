"""Each check brings all there is to say of it."""

from typing import Literal, get_args

import pytest

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.history import RowCountHistoryCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.registry import CHECKS, reason_of, usable_check
from maestro_ml.core.plugins import PluginError
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


class Even(TolerantCheck):
    """Numbers are even."""

    why = "Odd numbers are odd."
    check: Literal["even"]
    column: str

    def probe(self, rows: object) -> Probe:
        raise NotImplementedError


class WithoutName(Even):
    check: str


class WithTwoNames(Even):
    check: Literal["even", "odd"]


class WithoutReason(Even):
    why = None


class Unfinished(TolerantCheck):
    """Nobody measures it."""

    why = "Nobody knows."
    check: Literal["unfinished"]


HERE = __name__


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        (dict, "even", "even is not a check: it is not a subclass of maestro_ml.checks.base.BaseCheck"),
        ("even", "even", "even is not a check: it is not a subclass of maestro_ml.checks.base.BaseCheck"),
        (RowCountHistoryCheck, "x", "x is not a check: it is not a subclass of maestro_ml.checks.base.BaseCheck"),
        (WithoutName, "even", "WithoutName does not state its name, such as `check: Literal['sum_between']`"),
        (WithTwoNames, "even", "WithTwoNames does not state its name, such as `check: Literal['sum_between']`"),
        (Even, "odd", "Even states the name 'even', and its entry point is called 'odd'"),
        (WithoutReason, "even", "WithoutReason has no `why`: the sentence that says why a violation matters"),
        (Unfinished, "unfinished", "Unfinished does not implement probe"),
    ],
)
def test_what_is_no_check_is_refused(kind: object, name: str, message: str) -> None:
    with pytest.raises(PluginError) as raised:
        usable_check(kind, name)
    assert str(raised.value) == (message if message.startswith((name, "x")) else f"{HERE}.{message}")


def test_a_check_of_another_package_goes_by_its_name_or_its_import_path() -> None:
    assert usable_check(Even, "even") is Even
    alias = usable_check(Even, "acme.checks.Even")
    assert issubclass(alias, Even)
    assert get_args(alias.model_fields["check"].annotation) == ("acme.checks.Even",)
    assert (alias.name(), alias.why, alias.__doc__) == ("even", Even.why, Even.__doc__)
    assert (alias.__name__, alias.__module__) == ("Even", HERE)


def test_the_reason_of_a_check_that_nobody_knows_is_none() -> None:
    assert reason_of("rows") == CHECKS.built_in["rows"].why
    assert reason_of("never_heard_of") is None
