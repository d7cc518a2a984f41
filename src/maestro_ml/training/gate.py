"""The gate: decide whether a candidate may be registered, and record why."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict

from maestro_ml.project.models import Gate, Metric
from maestro_ml.training.evaluation import Metrics


class Rule(BaseModel):
    """A limit that the candidate's metric is compared with; only a required rule can reject."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    name: Literal["above", "beat_baseline"]
    limit: float  # the candidate must be strictly greater
    required: bool
    passed: bool


class Decision(BaseModel):
    """The numbers that were compared, and the outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    model: str
    metric: Metric
    candidate: float
    threshold: float
    baseline: float  # of always predicting the majority class, on the same test rows
    rules: tuple[Rule, ...] = ()  # none in a record of an earlier version
    passed: bool
    reason: str

    @property
    def beats_baseline(self) -> bool:
        """Whether the candidate's metric is greater than the majority class's."""
        return self.candidate > self.baseline

    @property
    def needs_to_beat_baseline(self) -> bool:
        """Whether the gate required the candidate to beat the majority class."""
        return any(rule.required for rule in self.rules if rule.name == "beat_baseline")


def decide(model: str, gate: Gate, candidate: Metrics, baseline: Metrics) -> Decision:
    """Decide: pass only a candidate strictly greater than every required limit. NaN never passes."""
    value: float = getattr(candidate, gate.metric)
    compared: float = getattr(baseline, gate.metric)
    rules = (
        Rule(name="above", limit=gate.above, required=True, passed=value > gate.above),
        Rule(name="beat_baseline", limit=compared, required=gate.must_beat_baseline, passed=value > compared),
    )
    return Decision(
        model=model,
        metric=gate.metric,
        candidate=value,
        threshold=gate.above,
        baseline=compared,
        rules=rules,
        passed=all(rule.passed for rule in rules if rule.required),
        reason=_reason(gate, value, compared),
    )


def _reason(gate: Gate, value: float, baseline: float) -> str:
    subject = f"{gate.metric.replace('_', ' ')} {shown(value, gate.above, baseline)}"
    limit, majority = f"{gate.above:.15g}", f"the majority class ({shown(baseline, value)})"
    if math.isnan(value):
        return f"{subject} is not a number, so it is not above {limit} (majority class: {shown(baseline)})"
    if not value > gate.above:
        verb = "equals, and must be strictly above," if value == gate.above else "is not above"
        also = "above" if value > baseline else "not above"
        return f"{subject} {verb} {limit}; it is {also} {majority}"
    if value > baseline:
        return f"{subject} is above {limit} and above {majority}"
    if gate.must_beat_baseline:
        hint = "" if baseline < 1 else ", which nothing can be: choose another metric, or set beat_baseline: false"
        return f"{subject} is above {limit}, but not above {majority}{hint}"
    return f"{subject} is above {limit}; it is not above {majority}, which this gate does not ask for"


def shown(value: float, *others: float) -> str:
    """Format with four digits, or with all of them if four would hide the difference to one of the others."""
    short = f"{value:.4f}"
    hides = any(
        (float(short) > other) != (value > other) or short == f"{other:.4f}"
        for other in others
        if not math.isnan(other) and value != other
    )
    return repr(value) if hides and not math.isnan(value) else short
