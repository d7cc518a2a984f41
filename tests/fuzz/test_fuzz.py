"""A few examples of each fuzz target, the same ones every time; `make fuzz` runs them for minutes."""

from importlib import import_module

import pytest
from fuzzing.__main__ import TARGETS
from hypothesis import HealthCheck, settings

FEW = settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_in_a_few_examples(target: str) -> None:
    FEW(import_module(f"fuzzing.{target}").check)()
