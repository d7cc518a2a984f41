"""The gate: decide whether a candidate may be registered, and record why."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict

from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import words
from maestro_ml.metrics.metric import NOT_DEFINED, Metric
from maestro_ml.metrics.names import MetricName
from maestro_ml.metrics.registry import metric_of
from maestro_ml.project.models import Gate
from maestro_ml.training.evaluation import Metrics


class LimitOutcome(BaseModel):
    """A limit that the candidate's metric is compared with; only a required rule can reject."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    name: Literal["above", "below", "beat_baseline"]
    limit: float  # the candidate must be strictly better
    required: bool
    passed: bool


class Decision(BaseModel):
    """The numbers that were compared, and the outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    model: str
    metric: MetricName
    candidate: float
    threshold: float
    baseline: float  # of always predicting the majority class, on the same test rows
    rules: tuple[LimitOutcome, ...] = ()  # none in a record of an earlier version
    further: tuple[RuleOutcome, ...] = ()  # of `gate.rules`, and of the budget
    budget: str = ""  # what this look spends of the year's error budget, and what that can detect
    passed: bool
    reason: str

    @property
    def beats_baseline(self) -> bool:
        """Whether the candidate's metric is better than the majority class's."""
        return metric_of(self.metric).is_better(self.candidate, self.baseline)

    @property
    def higher_is_better(self) -> bool:
        """Whether more of the metric is better."""
        return metric_of(self.metric).higher_is_better

    @property
    def baseline_name(self) -> str:
        """The baseline in words."""
        return _baseline_name(metric_of(self.metric))

    @property
    def needs_to_beat_baseline(self) -> bool:
        """Whether the gate required the candidate to beat the majority class."""
        return any(rule.required for rule in self.rules if rule.name == "beat_baseline")


def decide(
    model: str,
    gate: Gate,
    candidate: Metrics,
    baseline: Metrics,
    further: tuple[RuleOutcome, ...] = (),
    budget: str = "",
) -> Decision:
    """Pass only a candidate that is strictly better than every required limit and meets all rules; NaN never passes.

    Args:
        further: the outcomes of the gate's further rules.
        budget: what this look spends, in words.
    """
    value, compared, is_better = candidate.value(gate.metric), baseline.value(gate.metric), gate.measure.is_better
    side: Literal["above", "below"] = "above" if gate.measure.higher_is_better else "below"
    beats = is_better(value, compared)
    rules = (
        LimitOutcome(name=side, limit=gate.limit, required=True, passed=is_better(value, gate.limit)),
        LimitOutcome(name="beat_baseline", limit=compared, required=gate.must_beat_baseline, passed=beats),
    )
    return Decision(
        model=model,
        metric=gate.metric,
        candidate=value,
        threshold=gate.limit,
        baseline=compared,
        rules=rules,
        further=further,
        budget=budget,
        passed=all(rule.passed or not rule.required for rule in rules)
        and all(outcome.passed or not outcome.required for outcome in further),
        reason=_reason(gate, side, value, compared) + _of_rules(further),
    )


def _reason(gate: Gate, side: str, value: float, baseline: float) -> str:
    metric = gate.measure
    measured = f"{words(gate.metric)} {shown(value, gate.limit, baseline)}"
    limit, majority = f"{gate.limit:.15g}", f"{_baseline_name(metric)} ({shown(baseline, value)})"
    beats, name = metric.is_better(value, baseline), _baseline_name(metric).removeprefix("the ")
    if math.isnan(value):
        base = f"{name}: {shown(baseline)}"
        return f"{words(gate.metric)} is {NOT_DEFINED} for these rows: it is not {side} {limit} ({base})"
    if not metric.is_better(value, gate.limit):
        verb = f"equals, and must be strictly {side}," if value == gate.limit else f"is not {side}"
        also = side if beats else f"not {side}"
        return f"{measured} {verb} {limit}; it is {also} {majority}"
    if beats:
        return f"{measured} is {side} {limit} and {side} {majority}"
    if gate.must_beat_baseline:
        best = metric.highest if metric.higher_is_better else metric.lowest
        hint = ", which is impossible: choose another metric, or set beat_baseline: false" if baseline == best else ""
        return f"{measured} is {side} {limit}, but not {side} {majority}{hint}"
    return f"{measured} is {side} {limit}; it is not {side} {majority}, which this gate does not require"


def _of_rules(outcomes: tuple[RuleOutcome, ...]) -> str:
    """Return a clause about further rules: each that is broken, or how many hold."""
    broken = [f"{outcome.name}: {outcome.message}" for outcome in outcomes if outcome.required and not outcome.passed]
    if broken:
        return "; " + "; ".join(broken)
    if not outcomes:
        return ""
    return f"; {len(outcomes)} further {'rules hold' if len(outcomes) > 1 else 'rule holds'}"


def _baseline_name(metric: Metric) -> str:
    return "the median" if metric.tasks == ("regression",) else "the majority class"


def shown(value: float, *others: float) -> str:
    """Format with four digits, or with as many as it takes to differ from each of the others; NaN in words."""
    if math.isnan(value):
        return NOT_DEFINED
    different = [other for other in others if other != value]
    for digits in range(4, 17):
        text = f"{value:.{digits}f}"
        if all(text != f"{other:.{digits}f}" for other in different):
            return text
    return repr(value)
