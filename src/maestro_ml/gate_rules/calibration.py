"""The rule `calibration`: predicted probabilities are as frequent as they say."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import Rule, in_words
from maestro_ml.metrics.registry import metric_of

_METRIC = "calibration_error"


class CalibrationRule(Rule):
    """The expected calibration error, the mean difference between stated probability and frequency over ten bins of
    equal width, is at most `max_error`."""

    why: ClassVar = "Decisions that weigh costs by these probabilities are wrong where they are too high or too low."

    rule: Literal["calibration"]
    max_error: Annotated[float, Field(gt=0, lt=1)] = 0.05

    @property
    def metric_name(self) -> str:
        return _METRIC

    def judge(self, evidence: Evidence) -> RuleOutcome:
        value = metric_of(_METRIC).compute(evidence.candidate)
        passed = value <= self.max_error
        shown, limit = in_words(value, self.max_error)
        return RuleOutcome(
            name=self.name(),
            metric=_METRIC,
            limit=self.max_error,
            passed=passed,
            message=f"calibration error {shown} is {'at most' if passed else 'above'} {limit}",
            numbers={"value": value, "rows": len(evidence.candidate)},
        )
