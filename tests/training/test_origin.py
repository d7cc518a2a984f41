"""A declaration in a decision record, read back: the model that was trained."""

from typing import Any

import pytest

from maestro_ml.project import Project
from maestro_ml.project.models import Model
from maestro_ml.training.origin import declared_model, recorded_model

DECLARATIONS: dict[str, dict[str, Any]] = {
    "nothing but what is needed": {},
    "numbers, by the default forest": {"gate": {"metric": "mae", "below": 3}},
    "a split by time": {"split": {"kind": "time", "gap": "2d"}},
    "a grouped split": {"split": {"kind": "grouped", "by": "customer", "share": 0.3}},
    "a random split": {"split": {"kind": "random", "seed": 3}},
    "a search in lists and ranges": {
        "search": {
            "kind": "halving",
            "parameters": {"max_depth": [4, 8, None], "learning_rate": {"low": 0.01, "high": 0.3, "log": True}},
        }
    },
    "own preprocessing": {
        "preprocessing": [{"columns": ["age"], "steps": [{"class": "sklearn.preprocessing.StandardScaler"}]}]
    },
    "rules": {
        "gate": {
            "rules": [
                {"rule": "threshold", "metric": "recall", "above": 0.5, "bound": "lower"},
                {"rule": "improvement"},
                {"rule": "slices", "by": ["age"], "above": 0.7},
                {"rule": "size", "max_mb": 1},
            ]
        }
    },
    "another cluster and other pods": {
        "estimator": {"class": "sklearn.tree.DecisionTreeClassifier", "parallel": {"backend": "dask", "address": "tcp://x:1"}},
        "pods": {"train": {"resources": {"memory": "4Gi"}, "volumes": [{"path": "/dev/shm", "memory": "1Gi"}]}},
    },
    "an approval": {"register": {"name": "m", "promotion": "approval", "approvers": ["ada"], "approval_within": "8h"}},
}  # fmt: skip


@pytest.mark.parametrize("declared", DECLARATIONS.values(), ids=DECLARATIONS)
def test_a_recorded_declaration_is_the_model_it_was_written_from(declared: dict[str, Any]) -> None:
    model = Model.model_validate(
        {"dataset": "d", "label": "y", "columns": ["age"], "register": {"name": "m"}} | declared
    )
    declaration = declared_model(project_of(model), "m")
    recorded = recorded_model(declaration)
    assert recorded == model
    assert recorded.chosen_estimator == model.chosen_estimator
    assert declared_model(project_of(recorded), "m") == declaration


def project_of(model: Model) -> Project:
    """Return a project with one model; its dataset is not looked at."""
    return Project.model_construct(models={"m": model})
