"""The rule `latency`: a prediction takes no longer than its callers can wait."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.core.wording import numbers
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import Rule


class LatencyRule(Rule):
    """The prediction of `rows` rows takes at most `max_ms` milliseconds in 95 of 100 cases, measured on the machine
    that evaluates."""

    why: ClassVar = "A prediction that comes too late is useless."

    rule: Literal["latency"]
    max_ms: Annotated[float, Field(gt=0)]
    rows: Annotated[int, Field(ge=1)] = 1

    def judge(self, evidence: Evidence) -> RuleOutcome:
        import numpy as np

        times = [1000 * seconds for seconds in evidence.time_predictions(self.rows)]
        slow, median = (float(np.quantile(times, share)) for share in (0.95, 0.5))
        passed = slow <= self.max_ms
        shown, limit = numbers(slow, self.max_ms)
        rows = "a row" if self.rows == 1 else f"{self.rows:,} rows"
        side = "at most" if passed else "above"
        return RuleOutcome(
            name=self.name(),
            limit=self.max_ms,
            passed=passed,
            message=f"95 of 100 predictions of {rows} take up to {shown} ms, {side} {limit} ms",
            numbers={"p95_ms": slow, "median_ms": median, "rows": self.rows, "repeats": len(times)},
        )
