"""`maestro models`: versions, aliases and their ledger, from promotion to a move behind Maestro's back."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.cli.app import run
from maestro_ml.project import load_project
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.steps.models import ledger_of
from maestro_ml.steps.promote import PromoteResult
from maestro_ml.steps.register import RegisterResult
from maestro_ml.training.tracking.client import mlflow_client

FACTS = {"actor": "ana@desk", "why": "better", "evidence": ""}
START = datetime(2024, 1, 1, tzinfo=UTC)
YAML = """\
name: tram
datasets:
  trips:
    source: {kind: parquet, path: trips.parquet}
    timestamp: at
    columns: {at: {type: timestamp}, x: {type: number}, late: {type: integer}}
models:
  late:
    dataset: trips
    label: late
    columns: [x]
    window: 8d
    test: 2d
    estimator: {class: sklearn.linear_model.LogisticRegression}
    gate: {above: 0.5}
    register: {name: tram_late}
"""


def trained(root: Path, day: int) -> RegisterResult:
    """Train on the eight days before a day of January 2024."""
    project, end = load_project(root), START + timedelta(days=day)
    for step in ("build_features", "train", "evaluate", "register"):
        folder = StepFolder.of_run(str(root / "runs"), "cli", f"{end:%Y-%m-%d}", step, "late")
        record = run_step(step, project, folder, end=end)
    assert isinstance(record.result, RegisterResult)
    return record.result


@pytest.fixture
def project(tmp_path: Path, empty_tracking_store: Path) -> Path:
    """Provide a project with two versions, the second one under `staging`."""
    shutil.copy(empty_tracking_store, tmp_path / "mlflow.db")
    rng = np.random.default_rng(3)
    x = rng.normal(size=480)
    frame = pd.DataFrame({"at": pd.date_range(START, periods=480, freq="1h"), "x": x})
    frame["late"] = (x + rng.normal(scale=0.3, size=480) > 0).astype(int)
    frame.to_parquet(tmp_path / "trips.parquet")
    (tmp_path / "maestro.yaml").write_text(YAML)
    trained(tmp_path, 10)
    trained(tmp_path, 16)
    return tmp_path


def test_from_two_versions_to_a_champion_and_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def call(*arguments: str) -> tuple[int, Any]:
        code = run(["models", *arguments, "--project", str(project), "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, listed = call("list")
    [model] = listed["models"]
    assert (code, model["versions"], set(model["aliases"])) == (0, ["2", "1"], {"staging"})
    assert call("promote", "late", "--version", "1", "--why", "first")[1]["before"] is None
    between = datetime.now(UTC)
    assert call("promote", "late", "--version", "2", "--why", "better")[1]["before"] == "1"
    assert call("promote", "late", "--version", "2", "--why", "again")[1]["moved"] is False
    assert call("at", "late", between.isoformat())[1]["aliases"]["champion"] == "1"
    assert call("rollback", "late", "--why", "worse in use")[1]["version"] == "1"
    assert call("show", "late", "champion")[1]["version"] == "1"
    assert "accuracy" in call("compare", "late", "1", "2")[1]["metrics"]
    entries = call("history", "late")[1]["entries"]
    moves = [(each["before"], each["version"], each["why"]) for each in entries if each["alias"] == "champion"]
    assert moves == [(None, "1", "first"), ("1", "2", "better"), ("2", "1", "worse in use")]
    assert all(len(each["evidence"]) == 64 for each in entries)
    assert call("verify") == (0, {"outcome": "passed", "problems": {"late": []}})
    assert call("show", "late@champion") == call("show", "late", "champion")
    assert call("show", "late@champion", "1")[0] == 2
    assert call("show", "late", "7")[0] == 2
    assert call("promote", "late", "--version", "2", "--why", " ")[0] == 2
    assert call("show", "lat")[0] == 2


def test_a_model_without_history_is_described_in_a_sentence(
    tmp_path: Path, empty_tracking_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: str) -> tuple[int, str]:
        code = run(["models", *arguments, "--project", str(tmp_path)])
        said = capsys.readouterr()
        return code, said.out + said.err

    shutil.copy(empty_tracking_store, tmp_path / "mlflow.db")
    (tmp_path / "maestro.yaml").write_text(YAML)
    assert call("history", "late") == (0, "no alias of tram_late has been moved yet\n")
    never = "no alias of tram_late was at a version then; none has been moved yet\n"
    assert call("at", "late", "2024-01-01") == (0, never)
    assert call("rollback", "late", "--why", "worse") == (
        2,
        "maestro: no version of late has the alias 'champion': there is nothing to roll back\n",
    )
    ledger_of(str(tmp_path / "runs"), "tram_late").append("tram_late", "staging", "1", None, FACTS)
    code, said = call("at", "late", "2024-01-01")
    assert code == 0
    assert said.startswith(never.replace("none has been moved yet\n", "the first was moved at 20"))
    assert json.loads(call("at", "late", "2024-01-01", "--json")[1])["aliases"] == {}
    (tmp_path / "maestro.yaml").write_text(YAML.partition("models:")[0])
    assert call("list") == (0, "the project has no models\n")


def test_the_version_in_use_is_the_one_under_the_alias_that_the_project_names(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "maestro.yaml").write_text(YAML.replace("{name: tram_late}", "{name: tram_late, champion: best}"))
    assert run(["models", "promote", "late", "--version", "1", "--why", "first", "--project", str(project)]) == 0
    capsys.readouterr()
    assert run(["models", "show", "late", "--project", str(project), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["version"], shown["aliases"]) == ("1", ["best"])


def test_a_move_behind_maestros_back_is_accepted_by_making_it_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    promote = ["models", "promote", "late", "--project", str(project), "--why", "wanted", "--version"]
    assert run([*promote, "1"]) == 0
    with mlflow_client(f"sqlite:///{project}/mlflow.db") as client:
        client.set_registered_model_alias("tram_late", "champion", "2")
    assert run(["models", "verify", "--project", str(project)]) == 1
    assert run([*promote, "2"]) == 0
    capsys.readouterr()
    assert run(["models", "verify", "--project", str(project)]) == 0
    said = capsys.readouterr()
    assert said.out == "late: the ledger is unchanged, and every alias is where its last entry put it\n"
    assert said.err == ""


def test_a_move_behind_maestros_back_and_a_changed_byte_are_found(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mlflow_client(f"sqlite:///{project}/mlflow.db") as client:
        moved_to = "1" if client.get_model_version_by_alias("tram_late", "staging").version != "1" else "2"
        client.set_registered_model_alias("tram_late", "staging", moved_to)
    assert run(["models", "verify", "--project", str(project), "--json"]) == 1
    assert f"'staging' is at version {moved_to}" in capsys.readouterr().out
    found = trained(project, 16)
    assert [(metric.name, metric.value) for metric in found.metrics] == [("maestro.training.alias_problems", 1.0)]
    assert [alert.name for alert in found.alerts] == ["MaestroAliasMoved"]
    first = project / "runs/ledger/tram_late/000001.json"
    first.write_bytes(first.read_bytes().replace(b"nothing had", b"nothing  ad"))
    assert run(["models", "verify", "--project", str(project)]) == 1
    assert "entry 1 of the ledger is not as it was written" in capsys.readouterr().err


def test_a_version_is_trained_again_from_its_record_and_its_lineage_leads_to_the_rows(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: str) -> tuple[int, Any]:
        code = run([*arguments, "--project", str(project), "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, made = call("reproduce", "late@staging")
    assert (code, made["outcome"], made["differences"]) == (0, "passed", [])
    code, found = call("lineage", "late@1")
    assert (code, found["version"], found["rows"]["window_end"]) == (0, "1", "2024-01-11T00:00:00Z")
    assert (found["rows"]["labelled"], found["rows"]["fitted_on"], found["rows"]["tested_on"]) == (192, 144, 48)
    assert [(file["of"], file["name"]) for file in found["files"]] == [("dataset trips", "trips.parquet")]
    assert [(move["alias"], move["actor"]) for move in found["moves"]] == [("staging", "the step register")]
    assert run(["lineage", "late", "--project", str(project)]) == 0
    shown = capsys.readouterr().out
    assert "rows: 192 of trips from 2024-01-09 00:00" in shown
    assert "columns of trips: x" in shown
    frame = pd.read_parquet(project / "trips.parquet")
    frame.drop(index=300).to_parquet(project / "trips.parquet")
    code, made = call("reproduce", "late@staging")
    assert (code, made["outcome"], made["equal"]) == (1, "failed", False)
    assert {"file", "rows"} <= {each["kind"] for each in made["differences"]}
    assert run(["reproduce", "late", "--project", str(project)]) == 1
    assert "trips.parquet" in capsys.readouterr().out
    assert call("reproduce", "late@nowhere")[0] == 2
    assert call("reproduce", "late@")[0] == 2
    assert call("lineage", "lat")[0] == 2


def promoted(root: Path, day: int, **parameters: Any) -> PromoteResult:
    project, end = load_project(root), START + timedelta(days=day)
    folder = StepFolder.of_run(str(root / "runs"), "cli", f"{end:%Y-%m-%d}", "promote", "late")
    result = run_step("promote", project, folder, end=end, params=parameters).result
    assert isinstance(result, PromoteResult)
    return result


def test_the_champion_never_goes_back_to_a_version_that_was_tested_on_earlier_rows(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rejected = promoted(project, 16, approved=False, by="Bo")
    assert (rejected.outcome, rejected.promotion) == ("skipped", None)
    assert rejected.summary == "tram_late version 2 stays 'staging': rejected by Bo"
    first = promoted(project, 16, by="Ada").promotion
    assert first
    assert (first.moved, first.before) == (True, None)
    again = promoted(project, 16, by="Ada").promotion
    assert again
    assert (again.moved, again.reason) == (False, "version 2 is 'champion' already")
    older = promoted(project, 10).promotion
    assert older
    assert (older.moved, older.reason) == (False, "'staging' is at version 2, not at version 1")
    trained_again = load_project(project)
    end = START + timedelta(days=10)
    folder = StepFolder.of_run(str(project / "runs"), "cli", f"{end:%Y-%m-%d}", "register", "late")
    run_step("register", trained_again, folder, end=end, params={"move_alias": True})
    forced = promoted(project, 10).promotion
    assert forced
    assert not forced.moved
    assert forced.reason.startswith("'champion' stays at version 2, whose test rows end 2024-01-17 00:00, later than")
    assert run(["models", "history", "late", "--project", str(project), "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)["entries"]
    champions = [(each["version"], each["actor"], each["why"]) for each in entries if each["alias"] == "champion"]
    assert champions == [("2", "Ada", "approved in Airflow")]
    assert run(["models", "verify", "--project", str(project)]) == 0
    assert run(["lineage", "late@champion", "--project", str(project)]) == 0
    assert "UTC: Ada: approved in Airflow" in capsys.readouterr().out
