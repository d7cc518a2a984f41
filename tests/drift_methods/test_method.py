"""What a drift method must bring, and what follows from it."""

import ast
from pathlib import Path

import pytest

import maestro_ml
from maestro_ml.drift_methods.method import DriftMethod, Outcome
from maestro_ml.drift_methods.registry import METHODS, reason_of
from maestro_ml.project.drift import Drift


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


def test_only_the_defaults_of_the_project_file_name_a_method_elsewhere():
    names = {name for method in METHODS.built_in.values() for name in (method.name, method.check)}
    package = Path(maestro_ml.__file__).parent
    texts = {file.relative_to(package): file.read_text() for file in package.rglob("*.py")}
    found = {
        (file.as_posix(), node.value)
        for file, text in texts.items()
        if file.parts[0] != "drift_methods" and any(name in text for name in names)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
    }
    assert found == {("project/drift.py", "ks"), ("project/drift.py", "chi_square")}
    own_keys = {key.removeprefix("max_") for key in Drift.model_fields if key.startswith("max_")}
    assert own_keys == {"psi", "wasserstein"}  # of further methods the limit stands in `limits`
    assert all(METHODS.built_in[name].limit == Drift.model_fields[f"max_{name}"].default for name in own_keys)
