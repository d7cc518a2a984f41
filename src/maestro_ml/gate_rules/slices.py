"""The rule `slices`: no slice of the test rows is clearly worse than a floor."""

from collections.abc import Iterator
from math import isnan, nan
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.core.corrections import holm
from maestro_ml.core.errors import RequestError
from maestro_ml.core.intervals import wilson
from maestro_ml.core.node import Mistake
from maestro_ml.core.wording import number
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome, SliceOutcome
from maestro_ml.gate_rules.rule import JudgedModel, Rule, words
from maestro_ml.gate_rules.slicing import slices_of
from maestro_ml.gate_rules.statistics import at_most, error_of, quantile, shares_of, tail
from maestro_ml.metrics.metric import Metric, Predictions
from maestro_ml.metrics.names import MetricName
from maestro_ml.metrics.registry import metric_of

_NAMED = 3


class SlicesRule(Rule):
    """In no slice is `metric` below the floor `above` (or above `below`, where lower is better) by more than chance:
    the p-values of all slices with at least `min_rows` rows, corrected for their number (`holm` or `bonferroni`), are
    above `alpha`. `by` names features: text and whole numbers with few values give one slice per value, other numbers
    one per quarter."""

    why: ClassVar = "A good average can hide a group of rows for which the model is of no use."

    rule: Literal["slices"]
    by: Annotated[tuple[str, ...], Field(min_length=1)]
    metric: MetricName | None = None  # by default the gate's
    above: float | None = None
    below: float | None = None
    min_rows: Annotated[int, Field(ge=1)] = 30
    alpha: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    correction: Literal["holm", "bonferroni"] = "holm"

    def mistakes(self) -> Iterator[Mistake]:
        if self.above is None and self.below is None:
            yield Mistake((), "needs a floor: `above`, or `below` where lower is better")
        elif self.metric is not None:
            wanted, other = ("above", "below") if metric_of(self.metric).higher_is_better else ("below", "above")
            if getattr(self, other) is not None:
                yield Mistake((other,), f"the floor of {self.metric} is given by `{wanted}`", (("metric",),))

    def mistakes_with(self, model: JudgedModel) -> Iterator[Mistake]:
        yield from super().mistakes_with(model)
        if self.metric is None:
            wanted, other = ("above", "below") if model.metric.higher_is_better else ("below", "above")
            if getattr(self, other) is not None:
                yield Mistake((other,), f"the floor of {model.metric.name} is given by `{wanted}`", (model.metric_key,))
        for index, column in enumerate(self.by):
            if model.is_hidden(column):
                yield Mistake(("by", index), f"'{column}' is marked pii, and slices show its values")
            elif model.features is not None and column not in model.features:
                known = f"slices are made by features; there are: {', '.join(model.features)}"
                yield Mistake(("by", index), f"'{column}' is no feature of the model; {known}", (model.features_key,))

    def judge(self, evidence: Evidence) -> RuleOutcome:
        if strange := [name for name in self.by if name not in evidence.columns]:
            there = ", ".join(evidence.columns)
            raise RequestError(f"the rule slices: {', '.join(strange)} is no feature of the model; there are: {there}")
        metric = metric_of(self.metric or "")
        floor = float(self.above if self.below is None else self.below)  # type: ignore[arg-type]
        found = [
            (column, value, evidence.candidate.take(rows))
            for column in self.by
            for value, rows in slices_of(evidence.columns[column])
        ]
        judged = [(*each, _p_value(metric, each[2], floor)) for each in found if len(each[2]) >= self.min_rows]
        judged = [each for each in judged if each[3] is not None]
        corrected = self._corrected([float(each[3] or 0) for each in judged])
        error = 0.05 / max(1, len(judged))
        outcomes = [
            _outcome(metric, column, value, rows, error, p, p > self.alpha)
            for (column, value, rows, _), p in zip(judged, corrected, strict=True)
        ]
        known = {(each[0], each[1]) for each in judged}
        outcomes += [_outcome(metric, *each, error) for each in found if (each[0], each[1]) not in known]
        return self._summary(metric, floor, outcomes, len(judged))

    def _corrected(self, p_values: list[float]) -> list[float]:
        if self.correction == "holm":
            return holm(p_values)
        return [min(1.0, len(p_values) * p) for p in p_values]

    def _summary(self, metric: Metric, floor: float, outcomes: list[SliceOutcome], judged: int) -> RuleOutcome:
        bad = sorted((each for each in outcomes if not each.passed), key=lambda each: each.p_value or 0)
        side = "below" if metric.higher_is_better else "above"
        unjudged = len(outcomes) - judged
        few = f"; {unjudged} are not judged: fewer than {self.min_rows} rows, or {words(metric.name)} is not defined"
        if bad:
            named = ", ".join(
                f"{each.column} = {each.value} ({number(each.measured)} on {each.rows:,} rows, p = {each.p_value:.3g})"
                for each in bad[:_NAMED]
            )
            more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
            text = f"{len(bad)} of {judged} slices are {side} {floor:.15g} by more than chance: {named}{more}"
        else:
            text = f"none of {judged} slices is {side} {floor:.15g} by more than chance"
        method = f"{self.correction.capitalize()}, alpha {self.alpha:.15g}"
        return RuleOutcome(
            name=self.name(),
            metric=metric.name,
            limit=floor,
            passed=not bad,
            message=f"{words(metric.name)}: {text} ({method}){few if unjudged else ''}",
            numbers={"slices": len(outcomes), "judged": judged, "failed": len(bad), "alpha": self.alpha},
            slices=tuple(outcomes),
        )


def _p_value(metric: Metric, rows: Predictions, floor: float) -> float | None:
    """Return the chance of a metric this bad or worse where the true one is at the floor; None if it has no value."""
    if shares := shares_of(metric, rows):
        return at_most(shares.successes, shares.trials, floor) if shares.trials else None
    value = metric.compute(rows)
    if isnan(value):
        return None
    error = error_of(metric, rows)
    shortfall = floor - value if metric.higher_is_better else value - floor
    if isnan(error):
        return None
    return tail(shortfall / error) if error > 0 else float(not shortfall > 0)


def _outcome(
    metric: Metric,
    column: str,
    value: str,
    rows: Predictions,
    error: float,
    p_value: float | None = None,
    passed: bool = True,
) -> SliceOutcome:
    shares = shares_of(metric, rows)
    measured = nan if shares and not shares.trials else metric.compute(rows)
    low, high = _interval(metric, rows, measured, error) if not isnan(measured) else (None, None)
    return SliceOutcome(
        column=column,
        value=value,
        rows=len(rows),
        measured=None if isnan(measured) else measured,
        low=low,
        high=high,
        p_value=p_value,
        passed=passed,
    )


def _interval(metric: Metric, rows: Predictions, measured: float, error: float) -> "tuple[float | None, float | None]":
    z = quantile(error / 2)
    if shares := shares_of(metric, rows):
        return wilson(shares.successes, shares.trials, z)
    half = z * error_of(metric, rows)
    return (None, None) if isnan(half) else (measured - half, measured + half)
