"""A search in the steps: chosen before the fit, recorded with every trial, and refused where it cannot be."""

import json
from pathlib import Path

import pytest
from small_training import Setting, folder, run

from maestro_ml.project import ProjectError
from maestro_ml.steps.decision_record import RECORD
from maestro_ml.steps.evaluate import REPORT
from maestro_ml.steps.register import RegisterResult
from maestro_ml.steps.train import TrainResult
from maestro_ml.training.tracking.client import mlflow_client, tracking_uri

TREE = "{class: sklearn.tree.DecisionTreeClassifier, parameters: {criterion: entropy}}"
SEARCH = "\n    search: {kind: %s, parameters: {max_depth: [1, 2, 3], max_features: {low: 0.2, high: 1}}, trials: 6%s}"


@pytest.mark.parametrize("kind", ["halving", "optuna"])
def test_what_was_chosen_is_fitted_and_every_trial_is_recorded(kind: str, setting: Setting) -> None:
    project = setting(estimator=TREE + SEARCH % (kind, ""))
    trained: TrainResult = run(project, "train")
    again: TrainResult = run(project, "train")
    assert trained.candidate == again.candidate
    found = trained.candidate.search
    assert found is not None
    assert trained.candidate.parameters == {"criterion": "entropy", **found.chosen.parameters}
    assert f"chosen by a search ({kind}) of" in trained.summary
    registered: RegisterResult = run(project, "evaluate", "register")
    record = json.loads(Path(folder(project.root, "evaluate").path(RECORD)).read_text())
    assert len(record["candidate"]["search"]["trials"]) == len(found.trials) >= 6
    card = Path(folder(project.root, "evaluate").path(REPORT)).read_text()
    assert card.count("<code>max_features=") >= len(found.trials)
    with mlflow_client(tracking_uri(project)) as client:
        logged = client.get_run(client.get_model_version("small_late", registered.version).run_id)
        scores = [each.value for each in client.get_metric_history(logged.info.run_id, "search_score")]
    assert scores == [trial.score for trial in found.trials]
    assert logged.data.params["search"] == str(found)
    assert logged.data.params["max_depth"] == str(found.chosen.parameters["max_depth"])


def test_the_search_reads_no_row_to_test_on(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    from maestro_ml.steps import train as subject

    seen = []
    original = subject.run_search
    monkeypatch.setattr(subject, "run_search", lambda *args: (seen.append(args[3]), original(*args))[1])
    trained: TrainResult = run(setting(estimator=TREE + SEARCH % ("halving", "")), "train")
    [examples] = seen
    assert len(examples) == trained.candidate.train.rows == 192
    assert str(examples.moments.max()) < "2024-01-09"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ", minutes: 120",
            r"search\.minutes: the search may take 120 minutes, and the pipeline's deadline is",
        ),
        (", trials: 1", r"search\.trials: must be greater than or equal to 2"),
        (", kind: grid", r"search\.kind: expected 'halving' or 'optuna'"),
        (", parameters: {}", r"search\.parameters: "),
        (", parameters: {max_depth: []}", r"search\.parameters\.max_depth: needs a list with a value, such as \[1"),
        (", parameters: {max_depth: 3}", r"search\.parameters\.max_depth: "),
        (", parameters: {max_depth: {low: three, high: 4}}", r"max_depth\.low: expected a number; found 'three'"),
        (", parameters: {max_depth: {low: 3}}", r"search\.parameters\.max_depth: needs a list with a value"),
        (", parameters: {criterion: [gini]}", r"search\.parameters\.criterion: 'criterion' is a fixed parameter"),
        (", parameters: {max_depth: {low: 3, high: 3}}", r"max_depth.*: a range needs low < high, not 3 and 3"),
        (", parameters: {max_depth: {low: 0, high: 3, log: true}}", r"max_depth.*: 0 has no logarithm"),
    ],
)
def test_a_search_that_cannot_be_is_refused_when_the_project_is_loaded(
    more: str, message: str, setting: Setting
) -> None:
    keys = {"kind": "halving", "parameters": "{max_depth: [1, 2]}"}
    name, _, value = more.removeprefix(", ").partition(": ")
    keys[name] = value
    text = ", ".join(f"{name}: {value}" for name, value in keys.items())
    with pytest.raises(ProjectError, match=message) as caught:
        setting(estimator=f"{TREE}\n    search: {{{text}}}")
    assert len(caught.value.problems) == 1
