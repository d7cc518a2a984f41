"""`maestro doctor` says of each thing whether it is well, and what fixes it."""

import json
import os
import shutil
import socket
import sqlite3
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest

from maestro_ml.cli.app import run
from maestro_ml.doctor import airflow, machine

PROJECT = """\
name: shop
datasets:
  orders:
    source: {kind: parquet, path: orders.parquet}
    columns: {id: {type: integer}}
"""


@pytest.fixture
def looked(tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    """Provide `looked()`: (exit code, levels by what was looked at, remedies) of a project with one table.

    No Airflow.
    """
    for name in [name for name in os.environ if name.startswith("AIRFLOW_")]:
        monkeypatch.delenv(name)
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


def test_the_limit_of_a_container_counts_before_the_memory_of_its_node(looked, monkeypatch) -> None:
    monkeypatch.setattr(machine, "container_memory", lambda: (2**30, 2**29))
    code, levels, remedies = looked()
    assert (code, levels["memory"]) == (0, "warn")
    assert remedies["memory"] == "raise the memory limit of the container: a training wants 1.5 GiB"


def test_a_port_that_another_program_has_is_named_with_the_option_that_helps(looked, monkeypatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(machine, "UI_PORT", other.getsockname()[1])
        _, levels, remedies = looked()
    assert (levels["port"], remedies["port"]) == ("warn", "maestro ui --port 0")
    _, levels, _ = looked()
    assert levels["port"] == "pass"


def test_a_table_that_is_gone_fails_with_a_remedy(looked, tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").unlink()
    code, levels, remedies = looked()
    assert (code, levels["dataset orders"]) == (1, "fail")
    assert remedies["dataset orders"] == "correct datasets.orders.source in maestro.yaml, or put the data there"


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
    assert remedies["MLflow"] == "mlflow server --port 9"
    assert remedies["run store"] == f"mv {tmp_path}/file {tmp_path}/file.old"


def test_a_setting_that_nothing_reads_is_a_warning(looked, monkeypatch) -> None:
    monkeypatch.setenv("MAESTRO_STOER", "/tmp/runs")
    code, levels, remedies = looked()
    assert (code, levels["settings"], remedies["settings"]) == (0, "warn", "unset MAESTRO_STOER")


@pytest.mark.parametrize(("hours", "level"), [(0, "pass"), (3, "warn")])
def test_a_clock_that_differs_from_the_servers_is_a_warning(looked, tmp_path: Path, hours: int, level: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), server_that_is_ahead(hours)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        text = f"{PROJECT}tracking: {{uri: 'http://127.0.0.1:{server.server_address[1]}'}}\n"
        (tmp_path / "maestro.yaml").write_text(text)
        code, levels, _ = looked()
        server.shutdown()
    assert (code, levels["MLflow"], levels["clock"]) == (0, "pass", level)


def server_that_is_ahead(hours: int) -> type[BaseHTTPRequestHandler]:
    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(time.time() + hours * 3600)

        def log_message(self, *arguments: object) -> None:
            pass

    return Server


def test_without_an_airflow_nothing_is_said_of_one(looked) -> None:
    assert not {"Airflow", "Airflow's database", "DAGs"} & looked()[1].keys()


def test_the_database_and_the_dags_of_an_airflow_are_looked_at(
    looked, monkeypatch, tmp_path: Path, migrated_airflow: Path
) -> None:
    monkeypatch.setattr(airflow, "TIMEOUT", 1200)
    home = tmp_path / "airflow"
    home.mkdir()
    monkeypatch.setenv("AIRFLOW_HOME", str(home))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{home / 'airflow.db'}")
    code, levels, remedies = looked()
    assert (code, levels["Airflow's database"]) == (1, "fail")  # it has no tables
    assert "airflow db migrate" in remedies["Airflow's database"]
    assert "DAGs" not in levels
    shutil.copy(migrated_airflow, home)
    code, levels, remedies = looked()
    assert (code, levels["Airflow's database"], levels["DAGs"]) == (0, "pass", "pass")
    assert (levels["pipelines"], "airflow dags reserialize" in remedies["pipelines"]) == ("warn", True)
    with sqlite3.connect(home / "airflow.db") as database:
        database.execute(
            "INSERT INTO import_error (timestamp, filename, stacktrace, bundle_name) VALUES "
            "('2026-01-01', 'mine.py', 'Traceback\nModuleNotFoundError: no acme', 'dags-folder')"
        )
    code, levels, _ = looked()
    assert (code, levels["DAGs"]) == (1, "fail")
