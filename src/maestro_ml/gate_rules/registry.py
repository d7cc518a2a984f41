"""All rules a gate can declare: one module of this package each, and those of other packages."""

from typing import Any, get_args

from maestro_ml import gate_rules
from maestro_ml.core.plugins import PluginError
from maestro_ml.core.registry import Registry, kinds_in
from maestro_ml.gate_rules.rule import Rule


def usable_rule(kind: Any, name: str) -> type[Rule]:
    """Return the class if it is a rule; raises PluginError if it is none, or is incomplete."""
    if not (isinstance(kind, type) and issubclass(kind, Rule)):
        raise PluginError(f"{name} is not a rule: it is not a subclass of maestro_ml.gate_rules.rule.Rule")
    where = f"{kind.__module__}.{kind.__qualname__}"
    if get_args(kind.model_fields["rule"].annotation) != (name,):
        raise PluginError(f"{where} does not state the name it goes by: `rule: Literal['{name}']`")
    if not isinstance(getattr(kind, "why", None), str):
        raise PluginError(f"{where} has no `why`: the sentence that says why breaking the rule matters")
    if missing := getattr(kind, "__abstractmethods__", None):
        raise PluginError(f"{where} does not implement {', '.join(sorted(missing))}")
    return kind


RULES = Registry(gate_rules, "maestro.gate_rules", kinds_in(Rule, "rule"), usable_rule)  # type: ignore[type-abstract]


def reason_of(name: str) -> str | None:
    """Return why a rule matters, by the name outcomes carry; None if the rule is not known here."""
    return next((kind.why for kind in RULES.known().values() if kind.name() == name), None)
