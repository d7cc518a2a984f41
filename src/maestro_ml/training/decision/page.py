"""The decision record as one HTML file for people."""

from typing import TYPE_CHECKING, Any

from maestro_ml.core.wording import number
from maestro_ml.gate_rules.baseline import BaselineRule
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.registry import reason_of
from maestro_ml.gate_rules.threshold import ThresholdRule
from maestro_ml.metrics.registry import metrics_of
from maestro_ml.training.decision import charts
from maestro_ml.training.decision.record import DecisionRecord
from maestro_ml.training.gate import Decision, shown

if TYPE_CHECKING:
    from jinja2 import Environment

_MOST_SLICES, _MOST_FEATURES, _MOST_CLASSES = 40, 30, 12
_REASONS = {
    "above": ThresholdRule.why,
    "below": "A model that errs this much does more harm than the answer without a model.",
    "beat_baseline": BaselineRule.why,
}


def render_page(record: DecisionRecord) -> bytes:
    """Render the record as UTF-8 HTML: no script, nothing fetched, everything from the data escaped."""
    importance = dict(list(record.pictures.importance.items())[:_MOST_FEATURES])
    page = (
        _environment()
        .get_template("decision.html.jinja")
        .render(
            record=record,
            decision=record.decision,
            rules=_rules(record),
            metrics=_metrics(record),
            sliced=[(rule, rule.slices[:_MOST_SLICES]) for rule in record.decision.further if rule.slices],
            importance=importance,
            confusion=_confusion(record),
        )
    )
    return page.encode()


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from jinja2.loaders import ChoiceLoader

    # The style sheet is the validation report's, so that both look alike.
    loaders = [PackageLoader("maestro_ml.training"), PackageLoader("maestro_ml", "validation/report/templates")]
    environment = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": _shown, "metric": shown}
    environment.globals |= {"charts": charts}
    return environment


def _shown(value: Any) -> str:
    if value is None:
        return "–"  # noqa: RUF001
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _rules(record: DecisionRecord) -> list[tuple[RuleOutcome, str]]:
    """Return every rule with the reason for it, the gate's own two first."""
    decision = record.decision
    subject = f"{decision.metric.replace('_', ' ')} {number(decision.candidate)}"
    own = [
        RuleOutcome(
            name=rule.name,
            metric=decision.metric,
            limit=rule.limit,
            required=rule.required,
            passed=rule.passed,
            message=f"{subject} is {'' if rule.passed else 'not '}{_limit_in_words(decision, rule.name, rule.limit)}",
            numbers={"value": decision.candidate, "limit": rule.limit},
        )
        for rule in decision.rules
    ]
    return [(rule, _REASONS.get(rule.name) or reason_of(rule.name) or "") for rule in (*own, *decision.further)]


def _limit_in_words(decision: Decision, rule: str, limit: float) -> str:
    if rule == "beat_baseline":
        return f"better than {decision.baseline_name} ({number(limit)})"
    return f"strictly {rule} {limit:.15g}"


def _metrics(record: DecisionRecord) -> list[tuple[str, str, float, float | None, float | None]]:
    """Return each metric: its name, its label, and its value for candidate, baseline and champion."""
    judged, champion = record.evaluation, record.champion.scalars() if record.champion else {}
    labels = {name: metric.label for name, metric in metrics_of(record.candidate.target.task).items()}
    baseline = judged.baseline.scalars()
    return [
        (name, labels.get(name, name), value, baseline.get(name), champion.get(name))
        for name, value in judged.candidate.scalars().items()
    ]


def _confusion(record: DecisionRecord) -> "list[tuple[str, list[tuple[int, float]]]]":
    """Return the rows of the confusion matrix: the actual class, and for each predicted one rows and their share."""
    found = record.evaluation.candidate.confusion
    if found is None or len(found.classes) > _MOST_CLASSES:
        return []
    return [
        (str(name), [(count, count / max(1, sum(counts))) for count in counts])
        for name, counts in zip(found.classes, found.counts, strict=True)
    ]
