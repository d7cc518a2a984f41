"""All checks a dataset can declare: one module of this package each, and those of other packages.

Missing is null, or NaN in a floating-point column. What a check says of values, missing ones pass.
"""

from typing import TYPE_CHECKING, Any, Literal, get_args

from maestro_ml import checks
from maestro_ml.checks.base import BaseCheck, Check
from maestro_ml.core.plugins import PluginError, is_import_path
from maestro_ml.core.registry import Registry, kinds_in

if TYPE_CHECKING:
    from maestro_ml.checks.probe import Probe
    from maestro_ml.core.findings import Finding
    from maestro_ml.sql.table import WindowRows


def usable_check(kind: Any, name: str) -> type[Check]:
    """Return the class as the project file names it; raises PluginError if it is no check, or is incomplete."""
    if not (isinstance(kind, type) and issubclass(kind, BaseCheck)):
        raise PluginError(f"{name} is not a check: it is not a subclass of maestro_ml.checks.base.BaseCheck")
    where = f"{kind.__module__}.{kind.__qualname__}"
    names = get_args(kind.model_fields["check"].annotation)
    if len(names) != 1:
        raise PluginError(f"{where} does not state its name, such as `check: Literal['sum_between']`")
    if name != names[0] and not is_import_path(name):
        raise PluginError(f"{where} states the name '{names[0]}', and its entry point is called '{name}'")
    if not isinstance(getattr(kind, "why", None), str):
        raise PluginError(f"{where} has no `why`: the sentence that says why a violation matters")
    if getattr(kind, "__abstractmethods__", None):
        raise PluginError(f"{where} does not implement {', '.join(sorted(kind.__abstractmethods__))}")
    return _under_path(kind, name) if is_import_path(name) else kind


def _under_path(kind: type[Check], path: str) -> type[Check]:
    """Return the same check under its import path, which is what the project file calls it."""
    name = kind.name()
    fields = {"check": Literal[path]}
    body = {"__module__": kind.__module__, "__doc__": kind.__doc__, "__annotations__": fields}
    alias: type[Check] = type(kind)(kind.__name__, (kind,), {**body, "name": classmethod(lambda _: name)})  # type: ignore[misc]
    return alias


CHECKS = Registry(checks, "maestro.checks", kinds_in(Check, "check"), usable_check)


def reason_of(name: str) -> str | None:
    """Return why a violation of a check matters, by the name findings carry; None if the check is not known here."""
    if own := CHECKS.own(name):
        return own.why
    return next((kind.why for kind in CHECKS.known().values() if kind.name() == name), None)


def probe(check: BaseCheck, rows: "WindowRows") -> "Probe | Finding":
    """Return how to measure a declared check over some rows, or a finding that says why that is impossible."""
    from maestro_ml.checks.usable import unusable_columns

    return unusable_columns(check, rows.dataset) or check.probe(rows)
