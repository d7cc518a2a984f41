"""The rendered rules in promtool: every alert with data that sets it off and data that does not."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
CASES = sorted((HERE / "promtool").glob("*.yaml"))
RUNBOOKS = HERE.parents[2] / "docs" / "runbooks"


@pytest.fixture(scope="session")
def spec(render):
    return render("statsd", prometheusRule__enabled="true")["PrometheusRule", "r-statsd"]["spec"]


def alerts(spec):
    return {rule["alert"]: rule for group in spec["groups"] for rule in group["rules"] if "alert" in rule}


def test_the_rules_are_valid(spec, program, tmp_path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(spec))
    done = subprocess.run(
        [program("promtool"), "check", "rules", tmp_path / "rules.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_alert_goes_off_when_it_should_and_only_then(case, spec, program, tmp_path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(spec))
    shutil.copy(case, tmp_path)
    done = subprocess.run(
        [program("promtool"), "test", "rules", case.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_queue_that_may_be_scaled_to_zero_needs_a_worker_only_while_tasks_wait(render, program, tmp_path):
    values = {"prometheusRule__enabled": "true", "alerts__queuesScaledToZero": "{burst,night}"}
    scaled = render("statsd", **values)["PrometheusRule", "r-statsd"]["spec"]
    test_an_alert_goes_off_when_it_should_and_only_then(
        HERE / "promtool/scaled_to_zero/MaestroWorkersDown.yaml", scaled, program, tmp_path
    )


def test_every_alert_has_a_case_of_each_kind(spec):
    assert {case.stem for case in CASES} == set(alerts(spec))
    for case in CASES:
        tests = [check for test in yaml.safe_load(case.read_text())["tests"] for check in test["alert_rule_test"]]
        assert {bool(check["exp_alerts"]) for check in tests if check["alertname"] == case.stem} == {True, False}


def test_every_alert_has_a_runbook_and_every_runbook_an_alert(spec):
    pages = {page.stem for page in RUNBOOKS.glob("Maestro*.md")}
    assert pages == set(alerts(spec))
    for name, rule in alerts(spec).items():
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"
