"""The rule `improvement`: the candidate is better than the champion on the same rows, by a test."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.core.wording import number
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.rule import Rule, in_words, words
from maestro_ml.gate_rules.statistics import mcnemar, standard_error, tail
from maestro_ml.metrics.metric import Metric, Predictions
from maestro_ml.metrics.names import MetricName
from maestro_ml.metrics.registry import metric_of


class ImprovementRule(Rule):
    """`metric` is better than the champion's on the same test rows, with a p-value of at most `alpha`: McNemar's exact
    test (one-sided) for accuracy, the paired bootstrap for any other metric. Passes where there is no champion yet. If
    the champion cannot predict these rows, no improvement can be shown. With a yearly budget, `alpha` comes from it."""

    why: ClassVar = "Replacing a model with one that is only luckier on these rows changes predictions for no benefit."

    rule: Literal["improvement"]
    metric: MetricName | None = None  # by default the gate's
    alpha: Annotated[float, Field(gt=0, le=0.5)] = 0.05

    @property
    def needs_champion(self) -> bool:
        return True

    def judge(self, evidence: Evidence) -> RuleOutcome:
        if self.metric is None:
            raise ValueError("the gate's metric is filled in before a rule judges")
        alpha = self.alpha if evidence.error is None else evidence.error
        champion = evidence.champion
        if champion.own:
            return self._outcome(True, f"the candidate is version {champion.own} already", alpha, {})
        if champion.version is None:
            return self._outcome(True, "there is no champion yet", alpha, {})
        if champion.predictions is None:
            message = f"the champion, version {champion.version}, cannot be compared with: {champion.obstacle}"
            return self._outcome(False, message, alpha, {"champion": champion.version})
        return self._tested(metric_of(self.metric), evidence.candidate, champion.predictions, champion.version, alpha)

    def _tested(
        self, metric: Metric, mine: Predictions, theirs: Predictions, version: str, alpha: float
    ) -> RuleOutcome:
        values = metric.compute(mine), metric.compute(theirs)
        found: dict[str, float | int | str | None] = {
            "value": values[0],
            "champion": version,
            "champion_value": values[1],
            "rows": len(mine),
        }
        if metric.name == "accuracy":
            right, other = mine.predicted == mine.actual, theirs.predicted == theirs.actual
            better, worse = int((right & ~other).sum()), int((other & ~right).sum())
            p = float(mcnemar(better, worse))
            found |= {"better_rows": better, "worse_rows": worse, "method": "exact McNemar"}
            detail = f"{better:,} rows only it gets right against {worse:,}"
        else:
            sign = 1 if metric.higher_is_better else -1
            error = standard_error(
                lambda rows: sign * (metric.compute(mine.take(rows)) - metric.compute(theirs.take(rows))), len(mine)
            )
            difference = sign * (values[0] - values[1])
            p = tail(difference / error) if error > 0 else float(not difference > 0)
            found |= {"difference": difference, "standard_error": error, "method": "paired bootstrap"}
            detail = f"standard error of the difference {number(error)}"
        passed = p <= alpha
        shown, theirs_shown = in_words(*values)
        message = (
            f"{words(metric.name)} {shown} against {theirs_shown} of the champion, version {version}: {detail}; "
            f"p = {p:.3g} is {'at most' if passed else 'above'} {alpha:.3g} ({found['method']})"
        )
        return self._outcome(passed, message, alpha, {**found, "p_value": p})

    def _outcome(
        self, passed: bool, message: str, alpha: float, found: dict[str, float | int | str | None]
    ) -> RuleOutcome:
        return RuleOutcome(
            name=self.name(),
            metric=self.metric,
            limit=alpha,
            passed=passed,
            message=message,
            numbers={**found, "alpha": alpha},
        )
