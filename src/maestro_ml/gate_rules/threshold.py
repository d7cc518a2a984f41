"""The rule `threshold`: a metric is better than a limit, by its value or by its confidence bound."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.core.node import Mistake
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import Rule, in_words, words
from maestro_ml.gate_rules.statistics import bound_of
from maestro_ml.metrics.names import MetricName
from maestro_ml.metrics.registry import metric_of

_CONFIDENCE = 0.95
Confidence = Annotated[float, Field(ge=0.5, lt=1)]


class ThresholdRule(Rule):
    """`metric` is strictly above `above` (or below `below`, where lower is better): its value, or with `bound: lower`
    its one-sided confidence bound. The bound is Wilson's for accuracy, precision and recall, and the bootstrap's for
    any other metric. With a yearly budget, the confidence comes from it, unless it is given, and the bound of a share
    is Clopper and Pearson's.
    """

    why: ClassVar = "A model that is not this good does more harm than the answer without a model."

    rule: Literal["threshold"]
    metric: MetricName
    above: float | None = None
    below: float | None = None
    bound: Literal["value", "lower"] = "value"
    confidence: Confidence | None = None  # 0.95, or what the budget leaves

    def mistakes(self) -> Iterator[Mistake]:
        metric = metric_of(self.metric)
        wanted, other = ("above", "below") if metric.higher_is_better else ("below", "above")
        if getattr(self, other) is not None:
            side = "more" if metric.higher_is_better else "less"
            yield Mistake((other,), f"{side} {self.metric} is better: give `{wanted}`", (("metric",),))
        elif (limit := getattr(self, wanted)) is None:
            yield Mistake((), f"needs `{wanted}`, the limit of {self.metric}")
        elif limit >= metric.highest if metric.higher_is_better else limit <= metric.lowest:
            yield Mistake((wanted,), f"no {self.metric} is {wanted} {limit:g}, so no model could ever pass")
        if self.bound == "value" and self.confidence is not None:
            yield Mistake(("confidence",), "has no effect on the value itself: add `bound: lower`", (("bound",),))

    def judge(self, evidence: Evidence) -> RuleOutcome:
        metric, limit = metric_of(self.metric), float(self.above if self.below is None else self.below)  # type: ignore[arg-type]
        side = "above" if metric.higher_is_better else "below"
        label = words(self.metric)
        if self.bound == "value":
            value = metric.compute(evidence.candidate)
            passed = metric.is_better(value, limit)
            shown, bar = in_words(value, limit)
            message = f"{label} {shown} is {'' if passed else 'not '}{side} {bar}"
            return RuleOutcome(
                name=self.name(),
                metric=self.metric,
                limit=limit,
                passed=passed,
                message=message,
                numbers={"value": value, "rows": len(evidence.candidate)},
            )
        spent = evidence.error if self.confidence is None else None
        error = 1 - (self.confidence or _CONFIDENCE) if spent is None else spent
        found = bound_of(metric, evidence.candidate, error, exact=spent is not None)
        passed = metric.is_better(found.bound, limit)
        edge = "lower" if metric.higher_is_better else "upper"
        value_text, bound_text, bar = in_words(found.value, found.bound, limit)
        message = (
            f"{label} is {value_text}, and with {1 - error:.6g} confidence at "
            f"{'least' if metric.higher_is_better else 'most'} {bound_text} ({found.method}), "
            f"which is {'' if passed else 'not '}{side} {bar}"
        )
        return RuleOutcome(
            name=self.name(),
            metric=self.metric,
            limit=limit,
            passed=passed,
            message=message,
            numbers={
                "value": found.value,
                f"{edge}_bound": found.bound,
                "confidence": 1 - error,
                "method": found.method,
                "rows": len(evidence.candidate),
            },
        )
