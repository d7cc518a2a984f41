"""All three pipelines through the real scheduler, on the real data, by the command people use."""

import json
import subprocess
import sys

import psutil
import pytest

pytestmark = pytest.mark.scheduler


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Provide one run of `maestro demo`: its home, the finished process, and the proof it wrote."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "proof.md").write_text("# Proof\n\nkept\n")
    command = [sys.executable, "-c", "from maestro_ml.cli import main; main()", "demo"]
    command += ["--home", str(folder / "home"), "--proof", str(folder / "proof.md")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=550)
    return folder, done


def result(folder, *path):
    (file,) = (folder / "home" / "flights" / "runs").glob("/".join([*path, "result.json"]))
    return json.loads(file.read_text())


def test_it_succeeds_and_every_deadline_is_met(demo):
    _, done = demo
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if "pipeline" in line or "feast_feature" in line]
    table = [row for row in rows if "│" in row]
    assert len(table) == 3
    for row in table:
        assert "success" in row
        assert "yes" in row


def test_the_gate_registers_one_model_and_rejects_the_other(demo):
    folder, done = demo
    training = ("model_training_pipeline", "*")
    passed = result(folder, *training, "register", "late_at_pushback")["result"]
    rejected = result(folder, *training, "register", "late_at_scheduling")["result"]
    assert passed["outcome"] == "passed"
    assert rejected["outcome"] == "skipped"
    assert "staging" in passed["summary"]
    assert passed["summary"].split(".")[0] in " ".join(done.stdout.split("│"))


def test_the_windows_are_the_runs_not_todays(demo):
    folder, _ = demo
    assert (
        result(folder, "data_validation_pipeline", "*", "validate", "flights")["window_end"] == "2013-12-01T00:00:00Z"
    )
    assert result(folder, "feast_feature_materialization", "*", "materialize")["window_start"] == "2013-11-24T02:00:00Z"


def test_the_reports_it_names_are_there(demo):
    from pathlib import Path

    _, done = demo
    reports = [line.strip() for line in done.stdout.splitlines() if line.strip().endswith(".html")]
    assert len(reports) >= 4
    assert all(Path(report).is_file() for report in reports)


def test_it_writes_its_figures_and_leaves_the_rest_of_the_page(demo):
    folder, _ = demo
    text = (folder / "proof.md").read_text()
    assert "kept" in text
    section = text[text.index("<!-- demo: begin -->") : text.index("<!-- demo: end -->")]
    for step in ("validate", "materialize", "verify_online", "build_features", "train", "evaluate", "register"):
        assert f"| {step} |" in section


def test_no_process_is_left_and_no_secret_is_readable_by_others(demo):
    folder, _ = demo
    home = folder / "home"
    left = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(home)):
                left.append(process)
        except psutil.Error:
            continue
    assert left == []
    secrets = [home / "airflow" / name for name in ("passwords.json", ".fernet_key", ".jwt_secret", ".api_secret_key")]
    assert {oct(path.stat().st_mode & 0o777) for path in secrets} == {"0o600"}
