"""The model card: one HTML file a person can read, mail and keep."""

from collections.abc import Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from maestro_ml.metrics.metric import Label
from maestro_ml.metrics.registry import metric_of
from maestro_ml.training.candidate import Candidate
from maestro_ml.training.evaluation import Confusion, Evaluation
from maestro_ml.training.gate import Decision, shown

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def importances(pipeline: "Pipeline") -> dict[str, float]:
    """Map each feature to its share of the impurity decrease, largest first; empty without importances."""
    values = getattr(pipeline.named_steps["estimator"], "feature_importances_", None)
    columns = pipeline.named_steps.get("columns")
    if values is None or columns is None:
        return {}
    names = _sources(columns)
    if len(values) != len(names) or set(names) != set(pipeline.feature_names_in_):
        return {}
    weights = dict.fromkeys(names, 0.0)
    for name, value in zip(names, values, strict=True):
        weights[name] += float(value)
    return dict(sorted(weights.items(), key=lambda pair: -pair[1]))


def _sources(columns: Any) -> list[str]:
    """Return of each column that the estimator takes the feature it is made of; empty where one has several."""
    names: dict[int, str] = {}
    for part, transformer, taken in getattr(columns, "transformers_", ()):
        made = columns.output_indices_[part]
        places = range(made.start, made.stop)
        if len(taken) == 1:
            names |= dict.fromkeys(places, str(taken[0]))  # such as the words of a text
        elif _names_of(transformer, taken) == [*taken]:
            names |= dict(zip(places, map(str, taken), strict=True))
        elif places:
            return []
    return [names[place] for place in sorted(names)] or _names_of(columns, None)


def _names_of(transformer: Any, taken: Sequence[str] | None) -> list[str]:
    """Return the names of what a transformer makes; empty where it gives none."""
    try:
        return [str(name) for name in transformer.get_feature_names_out(taken)]
    except (AttributeError, ValueError, NotImplementedError):
        return []


def render(candidate: Candidate, evaluation: Evaluation, decision: Decision, weights: dict[str, float]) -> bytes:
    """Render the card as UTF-8 HTML without scripts or external links.

    Args:
        weights: feature -> importance, largest first; may be empty.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("maestro_ml.training"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["metric"] = shown
    page = environment.get_template("model_card.html.jinja").render(
        candidate=candidate,
        evaluation=evaluation,
        decision=decision,
        constant=_only_answer(evaluation.candidate.confusion),
        rows=_metric_rows(evaluation),
        features=[(name, candidate.features[name], weights.get(name)) for name in (weights or candidate.features)],
        weights=weights,
        heaviest=max(weights.values(), default=0.0) or 1.0,
    )
    return page.encode()


def _only_answer(cells: Confusion | None) -> Label | None:
    """Return the class that the candidate predicts for every test row; None if it predicts several."""
    if cells is None:
        return None
    predicted = [
        name for name, column in zip(cells.classes, zip(*cells.counts, strict=True), strict=True) if any(column)
    ]
    return predicted[0] if len(predicted) == 1 else None


def _metric_rows(evaluation: Evaluation) -> Sequence[tuple[str, str, float, float]]:
    candidate, baseline = evaluation.candidate.scalars(), evaluation.baseline.scalars()
    return [(name, metric_of(name).label, value, baseline.get(name, nan)) for name, value in candidate.items()]
