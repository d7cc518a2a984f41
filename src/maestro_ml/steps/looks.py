"""The error budget of a model's gate: what each look spent, in the run store under `gate/<model>/`."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from maestro_ml.core.errors import SystemFailed
from maestro_ml.core.window import stamp
from maestro_ml.gate_rules.budget import Budget, Look
from maestro_ml.project import Project
from maestro_ml.project.gate_mistakes import looks_of
from maestro_ml.project.models import Gate
from maestro_ml.steps.step import StepRun
from maestro_ml.steps.store import Folder


class SpentLook(BaseModel, defer_build=True):
    """One look, as it is kept."""

    candidate: str  # its fingerprint
    end: datetime  # of its test rows
    error: float


def budget_of(project: Project, gate: Gate) -> Budget | None:
    """Return the gate's error budget; None if it has none."""
    looks = looks_of(project, gate)
    if gate.max_wrong_promotions_per_year is None or looks is None:
        return None
    return Budget(gate.max_wrong_promotions_per_year, looks)


def spend(run: StepRun[Any], budget: Budget, candidate: str, end: datetime) -> float:
    """Return the error that the look at a candidate may spend, and write it down; the same again for a retry."""
    folder = Folder(f"{run.folder.store}/gate/{run.target}")
    names = folder.names(".json")
    contents = folder.read_all(names)
    if missing := sorted({*names} - contents.keys()):  # what they spent could be spent again
        raise SystemFailed(f"{folder.uri}: {', '.join(missing[:3])} cannot be read, so the error budget is not known")
    spent = [SpentLook.model_validate_json(content) for content in contents.values()]
    error = budget.left(candidate, end, [Look(each.candidate, each.end, each.error) for each in spent])
    look = SpentLook(candidate=candidate, end=end, error=error)
    folder.write_model(f"{stamp(end)}-{candidate[:16]}.json", look)
    return error
