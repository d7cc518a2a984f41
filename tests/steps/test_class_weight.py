"""Balanced classes in the steps: recorded, and refused where there are none or where they are weighed twice."""

from pathlib import Path

import pytest
from small_training import Setting, folder, run

from maestro_ml.project import ProjectError
from maestro_ml.steps.evaluate import REPORT

TREE = "{class: sklearn.tree.DecisionTreeClassifier, parameters: {max_depth: 2%s}}\n    class_weight: %s"


def test_the_record_says_that_classes_are_balanced(setting: Setting) -> None:
    project = setting(estimator=TREE % ("", "balanced"))
    assert run(project, "train").candidate.class_weight == "balanced"
    run(project, "evaluate")
    assert "Classes are balanced: " in Path(folder(project.root, "evaluate").path(REPORT)).read_text()


@pytest.mark.parametrize(
    ("parameter", "weight", "message"),
    [
        ("", "heavy", r"models\.late\.class_weight: expected 'balanced'; found 'heavy'"),
        (", class_weight: balanced", "balanced", "the estimator's parameter class_weight weighs the classes too"),
        ("", "balanced\n    task: regression", "there are no classes in a regression"),
    ],
)
def test_weights_that_cannot_be_are_refused_when_the_project_is_loaded(
    parameter: str, weight: str, message: str, setting: Setting
) -> None:
    with pytest.raises(ProjectError, match=message):
        setting(estimator=TREE % (parameter, weight))
