"""From an empty folder and a public table to a judged model, without an edit; `make first-projects` has more tables."""

from pathlib import Path

import pytest
from public_tables import TABLES

from maestro_ml.cli.app import run
from maestro_ml.project import load_project


@pytest.mark.parametrize("name", ["iris", "diabetes", "sentences"])
def test_a_public_table_becomes_a_judged_model(name: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    code = run(["init", "first", "--data", TABLES[name](tmp_path), "--yes"])
    printed = capsys.readouterr().err
    assert code == 0, printed
    assert " version 1 is now 'staging'" in printed
    [model] = load_project(tmp_path / "first").models.values()
    assert model.label in ("target", "library")


def test_what_gives_the_label_away_is_no_feature(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "first", "--data", TABLES["flights"](tmp_path), "--yes", "--no-run"]) == 0
    [model] = load_project(tmp_path / "first").models.values()
    assert model.label == "late"
    assert "arr_delay" not in model.columns
    assert "dep_delay" in model.columns
