"""A few examples of each fuzz target, the same ones every time; `make fuzz` runs them for minutes."""

import pytest
from fuzzing.__main__ import TARGETS, examples_of
from hypothesis import HealthCheck, Phase, settings

FEW = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_in_a_few_examples(target: str) -> None:
    examples_of(target, FEW)()
