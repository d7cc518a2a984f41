"""Whatever is passed along (declarations, windows, results, reports) stays as it was made."""

import pkgutil
from dataclasses import FrozenInstanceError, is_dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from pydantic import BaseModel

import maestro_ml
from maestro_ml.project import Window

PACKAGES = ["core", "checks", "drift_methods", "project", "sql", "observability", "validation", "training"]
# What collects while something runs, and is not passed along.
COLLECTORS = {
    "maestro_ml.training.search.judge.Judge",
    "maestro_ml.validation.drift.distances.streaming._Column",
}


def classes() -> dict[str, type]:
    found = {}
    for package in PACKAGES:
        for module in pkgutil.walk_packages([f"{maestro_ml.__path__[0]}/{package}"], f"maestro_ml.{package}."):
            for thing in vars(import_module(module.name)).values():
                if isinstance(thing, type) and thing.__module__ == module.name:
                    found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return found


def changeable(kind: type) -> bool:
    if issubclass(kind, BaseModel):
        return not kind.model_config.get("frozen")
    return is_dataclass(kind) and not kind.__dataclass_params__.frozen


def test_declarations_and_results_cannot_be_changed():
    found = classes()
    assert len([kind for kind in found.values() if is_dataclass(kind) or issubclass(kind, BaseModel)]) > 100
    assert {name for name, kind in found.items() if changeable(kind)} == COLLECTORS


def test_who_tries_is_refused():
    window = Window.ending(datetime(2024, 1, 1, tzinfo=UTC), timedelta(days=1))
    with pytest.raises(FrozenInstanceError):
        window.start = window.end
