"""`maestro pods`: the pods of a model's steps, shown before any runs."""

import json

import pytest
import yaml
from pod_settings import EVERYTHING, PLAIN

from maestro_ml.cli.app import run


def test_the_command_shows_the_pods_of_a_models_steps(project_with, tmp_path, capsys):
    project_with(EVERYTHING)
    assert run(["pods", "first", "--project", str(tmp_path)]) == 0
    shown = list(yaml.safe_load_all(capsys.readouterr().out))
    assert [pod["metadata"]["labels"]["maestro/step"] for pod in shown] == list(EVERYTHING["steps"])
    assert run(["pods", "first", "--step", "train", "--json", "--project", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["model"], list(document["pods"])) == ("first", ["train"])
    assert document["pods"]["train"] == shown[1]


def test_the_command_says_that_no_pods_are_used(project_with, tmp_path, capsys):
    project_with({})
    assert run(["pods", "first", "--project", str(tmp_path)]) == 0
    assert "with execution.mode: kubernetes, in these pods" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["frist"], "did you mean 'first'?"), (["first", "--step", "validate"], "validate has no pod; there are: train")],
)
def test_the_command_refuses_what_is_not_there(project_with, tmp_path, capsys, arguments, words):
    project_with({**PLAIN, "steps": ["train"]})
    assert run(["pods", *arguments, "--project", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err
