"""The type of a gate's `rules`: a rule of any kind the registry knows, distinguished by its key `rule`."""

from typing import Annotated

from maestro_ml.core.declared import Declared
from maestro_ml.gate_rules.registry import RULES
from maestro_ml.gate_rules.rule import Rule

AnyRule = Annotated[Rule, Declared("rule", Rule, RULES)]
