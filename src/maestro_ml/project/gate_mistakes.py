"""Rules and budgets of a gate that could never work."""

from collections.abc import Iterator

from maestro_ml.core.node import Mistake, Path
from maestro_ml.core.schedules import runs_per_year
from maestro_ml.gate_rules.rule import JudgedModel
from maestro_ml.project.models import Gate, Model
from maestro_ml.project.project import Project


def gate_mistakes(project: Project, model: Model, here: Path) -> Iterator[Mistake]:
    """Report rules that do not suit the model, and a budget whose looks cannot be counted."""
    gate = model.gate
    judged = JudgedModel(
        metric=gate.measure,
        features=None if model.feature_service else model.columns,
        is_hidden=project.hides,
        metric_key=(*here, "metric"),
        features_key=(*here[:-1], "columns"),
    )
    for index, rule in enumerate(gate.rules):
        for mistake in rule.mistakes_with(judged):
            yield mistake._replace(path=(*here, "rules", index, *mistake.path))
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
