"""The gate: whether a candidate may be registered, and the record of why."""

import math

from pydantic import BaseModel, ConfigDict

from maestro_ml.project.pipelines import Gate, Metric
from maestro_ml.training.evaluation import Metrics


class Decision(BaseModel):
    """What was compared, with which numbers, and what followed."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    model: str
    metric: Metric
    candidate: float
    threshold: float  # the candidate must be strictly greater
    baseline: float  # the majority class on the same test rows; for the reader, not for the rule
    passed: bool
    reason: str


def decide(model: str, gate: Gate, candidate: Metrics, baseline: Metrics) -> Decision:
    """Pass only a candidate strictly greater than the gate's value; what is not a number never passes."""
    value: float = getattr(candidate, gate.metric)
    compared: float = getattr(baseline, gate.metric)
    passed = value > gate.above
    if passed:
        verb = "is above"
    elif math.isnan(value):
        verb = "is not a number, so it is not above"
    elif value == gate.above:
        verb = "equals, and must be strictly above,"
    else:
        verb = "is not above"
    name = gate.metric.replace("_", " ")
    return Decision(
        model=model,
        metric=gate.metric,
        candidate=value,
        threshold=gate.above,
        baseline=compared,
        passed=passed,
        reason=f"{name} {_shown(value, gate.above)} {verb} {gate.above:g} (majority class: {compared:.4f})",
    )


def _shown(value: float, threshold: float) -> str:
    """Four digits, or all of them where four would hide the difference to the threshold."""
    short = f"{value:.4f}"
    return short if math.isnan(value) or (float(short) > threshold) == (value > threshold) else repr(value)
