"""The rendered mapping in a real statsd exporter, fed by Airflow's own logger, and read as Prometheus reads it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

from maestro_ml.observability.metrics import ORIGIN

pytest.importorskip("airflow", reason="Airflow makes the lines that are sent: make install")
pytest.importorskip("statsd", reason="Airflow sends with it: pip install 'apache-airflow[statsd]'")
HERE = Path(__file__).parent
EXPECTED_BY_USERS = {
    "airflow_dag_run_duration",
    "airflow_dag_run_success",
    "airflow_dag_run_failed",
    "airflow_task_duration",
    "airflow_scheduler_heartbeat",
    "airflow_executor_open_slots",
    "airflow_executor_queued_tasks",
}


PROBE_METRICS = yaml.safe_load((HERE.parent / "files/probe-metrics.yaml").read_text())


def probe_lines():
    """Yield a line for each metric that probes send; that they do is held by the tests of each probe."""
    for metric in PROBE_METRICS:
        tags = "".join(f",{label}=some_{label}" for label in metric["labels"])
        yield f"{metric['name']}{tags}:1|{metric['type'][0]}"


def read(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


@pytest.fixture(scope="session")
def exposed(program, render, until, free_port, tmp_path_factory):
    """Provide the text of /metrics after everything was sent, and the names that were expected."""
    folder = tmp_path_factory.mktemp("statsd")
    objects = render("statsd")
    (folder / "mapping.yaml").write_text(objects["ConfigMap", "r-statsd"]["data"]["mapping.yaml"])
    ingest, web = free_port(), free_port()
    container = objects["Deployment", "r-statsd"]["spec"]["template"]["spec"]["containers"][0]
    ours = {
        "/etc/statsd-exporter": str(folder),
        "udp=:9125": f"udp=127.0.0.1:{ingest}",
        "tcp=:9125": f"tcp=127.0.0.1:{ingest}",
        "address=:9102": f"address=127.0.0.1:{web}",
    }
    arguments = container["args"]
    for pod, here in ours.items():
        arguments = [argument.replace(pod, here) for argument in arguments]
    log = (folder / "log").open("w+")
    exporter = subprocess.Popen([program("statsd_exporter"), *arguments, "--log.level=debug"], stderr=log)
    try:
        until(lambda: read(f"http://127.0.0.1:{web}{container['readinessProbe']['httpGet']['path']}"))
        settings = {
            "STATSD_ON": "True",
            "STATSD_HOST": "127.0.0.1",
            "STATSD_PORT": str(ingest),
            "STATSD_INFLUXDB_ENABLED": "True",
        }
        environment = os.environ | {f"AIRFLOW__METRICS__{name}": value for name, value in settings.items()}
        sent = subprocess.run(
            [sys.executable, HERE / "send_metrics.py"],
            env=environment | {"AIRFLOW_HOME": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert sent.returncode == 0, sent.stderr
        with socket.create_connection(("127.0.0.1", ingest)) as tcp:
            tcp.sendall("".join(f"{line}\n" for line in [*probe_lines(), "airflow.sent_by_tcp,dag_id=d:1|c"]).encode())
        text = until(lambda: (text := read(f"http://127.0.0.1:{web}/metrics")) and "sent_by_tcp" in text and text)
    finally:
        exporter.terminate()
        exporter.wait(120)
    return text, set(sent.stdout.split()) | {metric["name"].replace(".", "_") for metric in PROBE_METRICS}


def names(text):
    return set(re.findall(r"^# TYPE ((?:airflow|maestro)_\w+)", text, re.MULTILINE))


def test_every_metric_of_airflow_and_the_pipelines_arrives_under_its_name(exposed):
    text, expected = exposed
    assert len(expected) > 130
    assert names(text) == expected | {"airflow_sent_by_tcp"}


def test_the_names_users_expect_are_among_them(exposed):
    assert names(exposed[0]) >= EXPECTED_BY_USERS


def test_nothing_was_refused(exposed):
    text, _ = exposed
    assert re.search(r"^statsd_exporter_tag_errors_total 0$", text, re.MULTILINE)
    assert re.search(r"^statsd_exporter_tags_total [1-9]\d+$", text, re.MULTILINE)
    errors = "(?:sample_errors|events_conflict|events_error)_total"
    refused = re.findall(rf"^statsd_exporter_{errors}\{{.*\}} [1-9].*$", text, re.MULTILINE)
    assert refused == []


def test_a_dag_run_has_its_state_as_a_label_and_its_duration_in_seconds(exposed):
    text, _ = exposed
    for state in ("success", "failed"):
        labels = f'dag_id="some.dag",state="{state}",task_id="group.task"'
        assert f'airflow_dag_run_duration{{{labels},quantile="0.95"}} 90' in text
        assert f"airflow_dag_run_duration_count{{{labels}}} 1" in text


def test_finished_dag_runs_are_counters_of_their_own(exposed):
    text, _ = exposed
    for state in ("success", "failed"):
        assert f"# TYPE airflow_dag_run_{state} counter" in text
        assert f'airflow_dag_run_{state}{{dag_id="some_dag_id",run_type="some_run_type"}} 1' in text


def test_tags_become_labels_and_run_ids_do_not(exposed):
    text, _ = exposed
    assert 'airflow_task_duration_sum{dag_id="some.dag",task_id="group.task"} 90' in text
    for name, own in (
        ("maestro_validation_findings", ("dataset", "stage", "severity")),
        ("maestro_training_metric", ("model", "metric")),
    ):
        labels = ",".join(f'{label}="some_{label}"' for label in sorted((*own, *ORIGIN)))
        assert f"{name}{{{labels}}} 0.25" in text
    assert "run_id=" not in text


# What others send: the kubelet.
OF_OTHERS = {"kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"}


def nobody_sends(text, known):
    """Return the metrics an expression selects, or a dashboard, that neither the exporter nor the kubelet has."""
    used = set(re.findall(r"\b([a-zA-Z_]\w*)\{", text)) | set(re.findall(r"\b(?:airflow|maestro)_\w+", text))
    return {name for name in used - OF_OTHERS if name not in known and re.sub("_(count|sum)$", "", name) not in known}


def rules_of(objects):
    return [rule for group in objects["PrometheusRule", "r-statsd"]["spec"]["groups"] for rule in group["rules"]]


def test_dashboards_and_alerts_use_only_metrics_that_exist(exposed, render):
    known = names(exposed[0])
    objects = render("statsd", prometheusRule__enabled="true")
    dashboards = list(objects["ConfigMap", "r-statsd-dashboards"]["data"].values())
    for text in [rule["expr"] for rule in rules_of(objects)] + dashboards:
        assert nobody_sends(text, known) == set()
    assert len({name for text in dashboards for name in re.findall(r"\b(?:airflow|maestro)_\w+", text)}) > 20


ALERT = """\
expr: max by (dataset) ({metric}{{ {{- include "statsd.selector" . -}} }}) > 0
labels: {{severity: warning}}
annotations: {{summary: Something new}}
"""


@pytest.mark.parametrize(
    ("metric", "lost"),
    [
        ("maestro_validation_verdict", set()),
        ("maestro_validation_verdicts", {"maestro_validation_verdicts"}),
        ("airflow_p95", {"airflow_p95"}),
        ("maestr_validation_verdict", {"maestr_validation_verdict"}),
    ],
)
def test_a_new_alert_is_one_file_and_a_metric_nobody_sends_is_found(exposed, program, tmp_path, metric, lost):
    charts = HERE.parents[1]
    shutil.copytree(charts / "statsd", tmp_path / "statsd", ignore=shutil.ignore_patterns("charts", "tests"))
    shutil.copytree(charts / "common", tmp_path / "statsd/charts/common")
    (tmp_path / "statsd/files/alerts/MaestroNew.yaml").write_text(ALERT.format(metric=metric))
    rendered = subprocess.run(
        [program("helm"), "template", "r", tmp_path / "statsd", "--set", "prometheusRule.enabled=true"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    objects = {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(rendered) if item}
    (rule,) = [rule for rule in rules_of(objects) if rule["alert"] == "MaestroNew"]
    assert rule["annotations"]["runbook_url"] == "docs/runbooks/MaestroNew.md"
    assert rule["labels"]["severity"] == "warning"
    assert nobody_sends(rule["expr"], names(exposed[0])) == lost


def test_the_mapping_is_made_from_the_metric_catalogue():
    command = [sys.executable, HERE / "pipeline_metrics.py"]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    said = "run: python charts/statsd/tests/pipeline_metrics.py > charts/statsd/files/pipeline-metrics.yaml"
    assert (HERE.parent / "files" / "pipeline-metrics.yaml").read_text() == written, said


def test_metrics_of_probes_have_their_labels_and_types(exposed):
    text, _ = exposed
    assert "# TYPE maestro_postgres_heartbeat counter" in text
    assert 'maestro_postgres_backup_age_seconds{database="some_database"} 1' in text
    assert 'maestro_worker_heartbeat{queue="some_queue"} 1' in text


def test_every_metric_of_a_probe_stands_in_the_file_that_sends_it():
    root = HERE.parents[2]
    assert {
        metric["name"] for metric in PROBE_METRICS if metric["name"] not in (root / metric["from"]).read_text()
    } == set()


def test_a_further_mapping_is_tried_first(render, tmp_path, program):
    flags = {"mapping__extra[0].match": "airflow.scheduler_heartbeat", "mapping__extra[0].name": "renamed"}
    mapping = render("statsd", **flags)["ConfigMap", "r-statsd"]["data"]["mapping.yaml"]
    assert yaml.safe_load(mapping)["mappings"][0] == {"match": "airflow.scheduler_heartbeat", "name": "renamed"}
    (tmp_path / "mapping.yaml").write_text(mapping)
    check = [program("statsd_exporter"), "--check-config", f"--statsd.mapping-config={tmp_path / 'mapping.yaml'}"]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
