"""All drift methods a dataset can name: one module of this package each, and those of other packages."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from maestro_ml import drift_methods
from maestro_ml.core.plugins import PluginError
from maestro_ml.core.registry import Registry
from maestro_ml.drift_methods.method import DriftMethod


def _built_into(module: ModuleType) -> Iterator[tuple[str, DriftMethod]]:
    return ((value.name, value) for value in vars(module).values() if isinstance(value, DriftMethod))


def usable_method(method: Any, name: str) -> DriftMethod:
    if not isinstance(method, DriftMethod):
        raise PluginError(f"{name} is not a drift method: it is not a maestro_ml.drift_methods.method.DriftMethod")
    return method


METHODS = Registry(drift_methods, "maestro.drift_methods", _built_into, usable_method)


def reason_of(check: str) -> str | None:
    """Return why drift matters, by the name findings carry; None if no method known here has it."""
    methods = (*METHODS.built_in.values(), *METHODS.known().values())
    return next((method.why for method in methods if method.check == check), None)
