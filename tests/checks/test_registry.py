"""Each check brings all there is to say of it."""

from typing import get_args

import pytest

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.history import HistoryCheck
from maestro_ml.checks.registry import REASONS, WindowCheck
from maestro_ml.validation.report.explanations import why_it_matters


@pytest.mark.parametrize("check", [*get_args(WindowCheck), *get_args(HistoryCheck)])
def test_every_check_says_why_it_matters(check):
    [name] = get_args(check.model_fields["check"].annotation)

    assert why_it_matters(name) == REASONS[name] == check.why


def test_a_check_that_cannot_be_measured_cannot_be_made():
    class Unfinished(TolerantCheck):
        why = "Nobody knows."

    with pytest.raises(TypeError, match="probe"):
        Unfinished()
