"""`maestro watch`: it validates again when something changed, and only then."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from maestro_ml.cli.app import run
from maestro_ml.cli.watch import follow
from maestro_ml.cli.watched_files import state_of, watched_paths

PATHS = {"one": "data/one.csv", "folder": "data/many", "pattern": "data/part-*.csv", "bucket": "s3://shop/orders"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    columns = {"x": {"type": "integer"}}
    datasets = {name: {"source": {"kind": "csv", "path": path}, "columns": columns} for name, path in PATHS.items()}
    datasets["one"]["reference"] = {"kind": "snapshot", "path": "data/old.csv"}
    datasets["table"] = {"source": {"kind": "sql", "url": "sqlite:///shop.db", "table": "t"}, "columns": columns}
    datasets["own"] = {"source": {"kind": "rules.Meters", "folder": "readings"}, "columns": columns}
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "watched", "datasets": datasets}))
    (tmp_path / "readings").mkdir()
    for name in ("data/one.csv", "data/many/a.csv", "data/part-1.csv", "rules.py", "data/other.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path / "maestro.yaml"


@pytest.mark.parametrize(
    ("name", "is_seen"),
    [
        ("maestro.yaml", True),
        ("rules.py", True),
        ("data/one.csv", True),
        ("data/many/new.csv", True),
        ("data/part-2.csv", True),
        ("data/old.csv", True),
        ("shop.db", True),
        ("readings/1.txt", True),
        ("data/other.csv", False),
        ("data/many/.a.csv.swp", False),
        ("data/many/a.csv~", False),
        ("data/many/#a.csv#", False),
        (".maestro.yaml.swp", False),
        (".#rules.py", False),
        ("runs/result.json", False),
    ],
)
def test_what_the_project_reads_is_watched_and_nothing_else(project, name, is_seen):
    before = state_of(watched_paths(project))
    file = project.parent / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{file.read_text() if file.exists() else ''}\n")
    assert (state_of(watched_paths(project)) != before) == is_seen


def test_a_project_that_cannot_be_read_is_watched_until_it_can(project):
    project.write_text("name: [")
    assert project in watched_paths(project)


def test_code_that_came_after_the_watching_began_does_not_hide_the_data(project):
    text = project.read_text()
    for check in ("rules.Old", "rules.New"):  # neither is there
        project.write_text(text.replace("columns:", f"checks: [{{check: {check}}}]\n    columns:"))
        assert project.parent / "data/one.csv" in watched_paths(project)


def test_where_the_data_lie_beside_the_project_its_own_results_are_no_change(project):
    project.write_text(project.read_text().replace("path: data/many", "path: ."))
    before = state_of(watched_paths(project))
    (project.parent / "runs").mkdir()
    (project.parent / "runs" / "report.json").write_text("{}")
    assert state_of(watched_paths(project)) == before
    (project.parent / "new.csv").write_text("x\n1\n")
    assert state_of(watched_paths(project)) != before


def test_a_file_that_goes_away_is_a_change(project):
    before = state_of(watched_paths(project))
    (project.parent / "data/many/a.csv").unlink()
    assert state_of(watched_paths(project)) != before


class Enough(Exception):
    """The end of a test."""


def test_it_validates_at_first_and_after_each_change(project):
    validated, waits = [], iter(["nothing", "change", "settle", "nothing", "nothing"])

    def wait(_: float) -> None:
        what = next(waits, None)
        if what is None:
            raise Enough
        if what == "change":
            (project.parent / "data/one.csv").write_text("x\n1\n")

    with pytest.raises(Enough):
        follow(project, lambda: validated.append(1), 0.1, wait)
    assert len(validated) == 2


def test_without_a_project_it_does_not_start(tmp_path, capsys):
    assert run(["watch", "--project", str(tmp_path)]) == 2
    assert "there is no" in capsys.readouterr().err


def test_ctrl_c_ends_it_well_and_away_from_a_terminal_it_says_only_what_was_found(tmp_path):
    (tmp_path / "x.csv").write_text("x\n1\n")
    dataset = {"source": {"kind": "csv", "path": "x.csv"}, "columns": {"x": {"type": "integer"}}}
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "watched", "datasets": {"orders": dataset}}))
    command = [sys.executable, "-c", "from maestro_ml.cli import main; main()", "watch", "--project", str(tmp_path)]
    environment = {**os.environ, "MAESTRO_STORE": str(tmp_path / "runs")}
    errors = tmp_path / "errors.txt"
    with errors.open("w") as file, subprocess.Popen(command, stderr=file, env=environment) as process:
        for _ in range(1200):
            if "findings" in errors.read_text() or process.poll() is not None:
                break
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 0
    text = errors.read_text()
    assert "validate orders" in text
    assert "stopped watching" in text
    assert "\x1b" not in text
    assert "Ctrl-C" not in text
