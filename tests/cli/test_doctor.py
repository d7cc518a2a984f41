"""`maestro doctor` says of each thing whether it is well, and what mends it."""

import json
from pathlib import Path

import pandas as pd
import pytest

from maestro_ml.cli.app import run

PROJECT = """\
name: shop
datasets:
  orders:
    source: {kind: parquet, path: orders.parquet}
    columns: {id: {type: integer}}
"""


@pytest.fixture
def looked(tmp_path: Path, capsys: pytest.CaptureFixture):
    """looked() -> (exit code, the levels by what was looked at, the remedies) of a project with one table."""
    pd.DataFrame({"id": [1, 2]}).to_parquet(tmp_path / "orders.parquet")
    (tmp_path / "maestro.yaml").write_text(PROJECT)

    def look() -> tuple[int, dict[str, str], dict[str, str]]:
        code = run(["doctor", "--project", str(tmp_path), "--json"])
        checks = json.loads(capsys.readouterr().out)["checks"]
        return code, {c["what"]: c["level"] for c in checks}, {c["what"]: c["remedy"] for c in checks}

    return look


def test_a_project_that_can_run_passes(looked, tmp_path: Path) -> None:
    code, levels, _ = looked()
    assert code == 0
    assert {levels[what] for what in ("packages", "project", "run store", "dataset orders", "MLflow")} == {"pass"}
    assert list((tmp_path / "runs").iterdir()) == []  # the probe is gone


def test_a_table_that_is_gone_fails_with_a_remedy(looked, tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").unlink()
    code, levels, remedies = looked()
    assert (code, levels["dataset orders"]) == (1, "fail")
    assert remedies["dataset orders"] == "maestro validate orders"


def test_a_column_that_is_gone_fails(looked, tmp_path: Path) -> None:
    pd.DataFrame({"number": [1]}).to_parquet(tmp_path / "orders.parquet")
    assert looked()[1]["dataset orders"] == "fail"


def test_a_mistake_in_the_project_fails_and_nothing_behind_it_is_tried(looked, tmp_path: Path) -> None:
    (tmp_path / "maestro.yaml").write_text(PROJECT.replace("columns", "colums"))
    code, levels, _ = looked()
    assert (code, levels["project"]) == (1, "fail")
    assert "run store" not in levels


def test_a_store_and_a_server_that_are_not_there_fail(looked, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    text = PROJECT + "store: file/runs\ntracking: {uri: 'http://u:secret@127.0.0.1:9'}\n"
    (tmp_path / "maestro.yaml").write_text(text)
    code, levels, remedies = looked()
    assert (code, levels["run store"], levels["MLflow"]) == (1, "fail", "fail")
    assert "secret" not in remedies["MLflow"]
