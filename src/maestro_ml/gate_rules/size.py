"""The rule `size`: the model's file is not larger than what serves it can hold."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.core.wording import numbers
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import Rule

_MB = 1_000_000


class SizeRule(Rule):
    """The model's file has at most `max_mb` megabytes (millions of bytes)."""

    why: ClassVar = "A model that does not fit into the memory of its server cannot be deployed."

    rule: Literal["size"]
    max_mb: Annotated[float, Field(gt=0)]

    def judge(self, evidence: Evidence) -> RuleOutcome:
        size = evidence.model_bytes / _MB
        passed = size <= self.max_mb
        shown, limit = numbers(size, self.max_mb)
        return RuleOutcome(
            name=self.name(),
            limit=self.max_mb,
            passed=passed,
            message=f"the model's file has {shown} MB, {'at most' if passed else 'above'} {limit} MB",
            numbers={"mb": size},
        )
