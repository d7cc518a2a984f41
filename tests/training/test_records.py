"""What is written down of a training is read back as this version wrote it, or refused."""

import math
import pkgutil
from importlib import import_module

from pydantic import BaseModel, ValidationError

import maestro_ml
from maestro_ml.core.node import Node

PACKAGES = ("training", "gate_rules", "metrics")
ANY_NAME = {"Metrics"}
# Numbers that are finite by what they are: shares, labels, and scores that are None where there is none.
FINITE = {"SplitSummary.positive_share", "SplitSummary.median", "Trial.score", "Bin.stated", "Bin.happened"}
NEVER_READ = {"Gain", "Simulation", "VersionSummary", "Year"}  # they are shown, and not stored


def records() -> dict[str, type[BaseModel]]:
    found = {}
    for package in PACKAGES:
        for module in pkgutil.walk_packages([f"{maestro_ml.__path__[0]}/{package}"], f"maestro_ml.{package}."):
            for thing in vars(import_module(module.name)).values():
                if isinstance(thing, type) and issubclass(thing, BaseModel) and thing.__module__ == module.name:
                    found[thing.__name__] = thing
    return found


def refuses_unknown_fields(kind: type[BaseModel]) -> bool:
    try:
        kind.model_validate({"not a field": 1})
    except ValidationError as error:
        return any(each["type"] == "extra_forbidden" for each in error.errors())
    return False


def test_a_field_that_is_not_known_is_refused() -> None:
    found = records()
    assert len(found) > 20
    assert {name for name, kind in found.items() if not refuses_unknown_fields(kind)} == ANY_NAME | NEVER_READ


def test_an_infinite_number_is_written_as_one() -> None:
    """JSON has no word for it: without a setting, it would be null and could not be read back."""
    lost, kept = set(), set()
    for name, kind in records().items():
        for field, about in kind.model_fields.items():
            value = {float: math.inf, float | None: math.inf, dict[str, float]: {"x": math.inf}}.get(about.annotation)
            if value is not None and name not in NEVER_READ and not issubclass(kind, Node):
                written = kind.model_construct(**{field: value}).model_dump_json(include={field})
                (kept if '"Infinity"' in written else lost).add(f"{name}.{field}")
    assert len(kept) > 5
    assert lost == FINITE
