"""The rule `baseline`: a metric is better than that of always giving the same answer."""

from typing import ClassVar, Literal

from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import Rule, in_words, words
from maestro_ml.metrics.names import MetricName
from maestro_ml.metrics.registry import metric_of


class BaselineRule(Rule):
    """`metric` is strictly better than what always giving one answer gets on the same test rows: the commonest class of
    the training rows, or the median of their label."""

    why: ClassVar = "A model that is no better than one fixed answer has learnt nothing that helps."

    rule: Literal["baseline"]
    metric: MetricName

    def judge(self, evidence: Evidence) -> RuleOutcome:
        metric = metric_of(self.metric)
        value, other = metric.compute(evidence.candidate), metric.compute(evidence.baseline)
        passed = metric.is_better(value, other)
        shown, limit = in_words(value, other)
        verb = "is" if passed else "is not"
        side = "above" if metric.higher_is_better else "below"
        return RuleOutcome(
            name=self.name(),
            metric=self.metric,
            limit=other,
            passed=passed,
            message=f"{words(self.metric)} {shown} {verb} {side} the baseline's {limit}",
            numbers={"value": value, "baseline": other, "rows": len(evidence.candidate)},
        )
