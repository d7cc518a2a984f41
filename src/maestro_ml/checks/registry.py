"""All checks a dataset can declare: one module of this package each, and those of other packages.

Missing is null, or NaN in a floating-point column. What a check says of values, missing ones pass.
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any, Literal, get_args

from maestro_ml import checks
from maestro_ml.checks.base import BaseCheck, Check
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.usable import unusable_columns
from maestro_ml.core.findings import Finding
from maestro_ml.core.plugins import PluginError, all_installed, imported, installed, is_import_path
from maestro_ml.sql.table import WindowRows

GROUP = "maestro.checks"  # of entry points
_by_path: dict[str, type[Check]] = {}


@cache
def built_in() -> dict[str, type[Check]]:
    """Return the checks of this package by name, in the order of their modules."""
    found = {}
    for module in pkgutil.iter_modules(checks.__path__):
        if f"{checks.__name__}.{module.name}" == __name__:
            continue
        contents = vars(import_module(f"{checks.__name__}.{module.name}"))
        for kind in contents.values():
            own = isinstance(kind, type) and issubclass(kind, Check) and kind.__module__ == contents["__name__"]
            if own and get_args(kind.model_fields["check"].annotation):
                found[kind.name()] = kind
    return found


def known_checks() -> dict[str, type[Check]]:
    """Return all checks by the name a project file uses: built in, installed, and imported so far."""
    offered = {name: _usable(kind, name) for name, kind in all_installed(GROUP)}
    return {**offered, **_by_path, **built_in()}


def check_of(name: str) -> type[Check] | None:
    """Return the check of a name or an import path; None if there is none.

    Raises:
        PluginError: a package offers it, and it cannot be used.
    """
    if name in built_in():
        return built_in()[name]
    if not is_import_path(name):
        kind = installed(GROUP, name)
        return None if kind is None else _usable(kind, name)
    if name not in _by_path:
        _by_path[name] = _under_path(_usable(imported(name)), name)
    return _by_path[name]


def reason_of(name: str) -> str | None:
    """Return why a violation of a check matters, by the name findings carry; None if the check is not known here."""
    if name in built_in():
        return built_in()[name].why
    return next((kind.why for kind in known_checks().values() if kind.name() == name), None)


def probe(check: BaseCheck, rows: WindowRows) -> Probe | Finding:
    """Return how to measure a declared check over some rows, or a finding that says why that is impossible."""
    return unusable_columns(check, rows.dataset) or check.probe(rows)


def _usable(kind: Any, name: str | None = None) -> type[Check]:
    """Return the class if it is a check; raises PluginError if it is none, or is incomplete."""
    if not (isinstance(kind, type) and issubclass(kind, BaseCheck)):
        raise PluginError(f"{name or kind!r} is no check: it is no subclass of maestro_ml.checks.base.BaseCheck")
    where = f"{kind.__module__}.{kind.__qualname__}"
    names = get_args(kind.model_fields["check"].annotation)
    if len(names) != 1:
        raise PluginError(f"{where} does not state its name, such as `check: Literal['sum_between']`")
    if name and name != names[0]:
        raise PluginError(f"{where} states the name '{names[0]}', and its entry point is called '{name}'")
    if not isinstance(getattr(kind, "why", None), str):
        raise PluginError(f"{where} has no `why`: the sentence that says why a violation matters")
    if getattr(kind, "__abstractmethods__", None):
        raise PluginError(f"{where} does not implement {', '.join(sorted(kind.__abstractmethods__))}")
    return kind


def _under_path(kind: type[Check], path: str) -> type[Check]:
    """Return the same check under its import path, which is what the project file calls it."""
    name = kind.name()
    fields = {"check": Literal[path]}
    body = {"__module__": kind.__module__, "__doc__": kind.__doc__, "__annotations__": fields}
    alias: type[Check] = type(kind)(kind.__name__, (kind,), {**body, "name": classmethod(lambda _: name)})  # type: ignore[misc]
    return alias
