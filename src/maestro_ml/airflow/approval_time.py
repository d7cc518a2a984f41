"""Which models are promoted by the pipeline, and how long it may wait for people. Light to import, for the DAG file."""

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maestro_ml.project import Project


def is_promoted(project: "Project") -> bool:
    """Return whether a model of the project becomes the champion in the pipeline, with or without an approval."""
    return any(model.register_as.promotion != "by_hand" for model in project.models.values())


def approval_time(project: "Project", model: str) -> timedelta:
    """Return how long an answer about a model is waited for."""
    return project.models[model].register_as.approval_within or project.training.deadline


def longest_wait(project: "Project") -> timedelta:
    """Return how long a training may wait for people; nothing where no model needs an approval."""
    waiting = [name for name, model in project.models.items() if model.register_as.promotion == "approval"]
    return max((approval_time(project, name) for name in waiting), default=timedelta())
