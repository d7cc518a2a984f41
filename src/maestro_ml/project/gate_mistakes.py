"""Rules and budgets of a gate that could never work."""

from collections.abc import Iterator

from maestro_ml.core.node import Mistake, Path
from maestro_ml.core.schedules import runs_per_year
from maestro_ml.gate_rules.rule import Rule
from maestro_ml.gate_rules.slices import SlicesRule
from maestro_ml.metrics.registry import metric_of
from maestro_ml.project.models import Gate, Model
from maestro_ml.project.project import Project


def gate_mistakes(project: Project, model: Model, here: Path) -> Iterator[Mistake]:
    """Report rules that do not suit the model, and a budget whose looks cannot be counted."""
    gate = model.gate
    for index, rule in enumerate(gate.rules):
        place = (*here, "rules", index)
        yield from _metric(gate, rule, here, place)
        if isinstance(rule, SlicesRule):
            yield from _slices(project, model, rule, here, place)
    budget, schedule = (*here, "max_wrong_promotions_per_year"), ("training", "schedule")
    if gate.max_wrong_promotions_per_year is None:
        if gate.looks_per_year is not None:
            yield Mistake((*here, "looks_per_year"), "has no effect without max_wrong_promotions_per_year", (budget,))
    elif looks_of(project, gate) is None:
        message = (
            f"the runs of the schedule {project.training.schedule or 'null'} in a year cannot be counted; give "
            "looks_per_year, the number of models that are judged in a year"
        )
        yield Mistake(budget, message, (schedule, (*here, "looks_per_year")))


def looks_of(project: Project, gate: Gate) -> int | None:
    """Return how many candidates the gate judges in a year; None where that cannot be counted."""
    return gate.looks_per_year or runs_per_year(project.training.schedule)


def _metric(gate: Gate, rule: Rule, here: Path, place: Path) -> Iterator[Mistake]:
    name = rule.metric_name
    if name is None:
        return
    because = ((*here, "metric"),)
    if not set(metric_of(name).tasks) & set(gate.measure.tasks):
        there = (*place, "metric") if "metric" in rule.model_fields_set else place
        yield Mistake(there, f"{name} and the gate's {gate.metric} are not metrics of one task", because)


def _slices(project: Project, model: Model, rule: SlicesRule, here: Path, place: Path) -> Iterator[Mistake]:
    if rule.metric is None:
        wanted, other = ("above", "below") if model.gate.measure.higher_is_better else ("below", "above")
        if getattr(rule, other) is not None:
            message = f"the floor of {model.gate.metric} is given by `{wanted}`"
            yield Mistake((*place, other), message, ((*here, "metric"),))
    columns = (*here[:-1], "columns")
    for index, column in enumerate(rule.by):
        if project.hides(column):
            yield Mistake((*place, "by", index), f"'{column}' is marked pii, and slices show its values")
        elif not model.feature_service and column not in model.columns:
            known = f"slices are made by features; there are: {', '.join(model.columns)}"
            yield Mistake((*place, "by", index), f"'{column}' is no feature of the model; {known}", (columns,))
