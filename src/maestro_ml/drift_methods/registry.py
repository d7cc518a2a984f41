"""All drift methods a dataset can name: one module of this package each, and those of other packages."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from maestro_ml import drift_methods
from maestro_ml.core.plugins import PluginError, all_installed, imported, installed, is_import_path
from maestro_ml.drift_methods.method import DriftMethod

GROUP = "maestro.drift_methods"  # of entry points
_by_path: dict[str, DriftMethod] = {}


@cache
def built_in() -> dict[str, DriftMethod]:
    """Return the methods of this package by name, in the order of their modules."""
    found = {}
    for module in pkgutil.iter_modules(drift_methods.__path__):
        if f"{drift_methods.__name__}.{module.name}" != __name__:
            contents = vars(import_module(f"{drift_methods.__name__}.{module.name}"))
            found.update({value.name: value for value in contents.values() if isinstance(value, DriftMethod)})
    return found


def known_methods() -> dict[str, DriftMethod]:
    """Return all methods by the name a project file uses: built in, installed, and imported so far."""
    offered = {name: _usable(method, name) for name, method in all_installed(GROUP)}
    return {**offered, **_by_path, **built_in()}


def method_of(name: str) -> DriftMethod | None:
    """Return the method of a name or an import path; None if there is none.

    Raises:
        PluginError: a package offers it, and it cannot be used.
    """
    if name in built_in():
        return built_in()[name]
    if not is_import_path(name):
        method = installed(GROUP, name)
        return None if method is None else _usable(method, name)
    if name not in _by_path:
        _by_path[name] = _usable(imported(name), name)
    return _by_path[name]


def reason_of(check: str) -> str | None:
    """Return why drift matters, by the name findings carry; None if no method known here has it."""
    methods = (*built_in().values(), *known_methods().values())
    return next((method.why for method in methods if method.check == check), None)


def _usable(method: Any, name: str) -> DriftMethod:
    if not isinstance(method, DriftMethod):
        raise PluginError(f"{name} is no drift method: it is no maestro_ml.drift_methods.method.DriftMethod")
    return method
