"""What is written down of a training is read back as this version wrote it, or refused."""

import pkgutil
from importlib import import_module

from pydantic import BaseModel, ValidationError

import maestro_ml

PACKAGES = ("training", "gate_rules", "metrics")
ANY_NAME = {"Metrics"}
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
