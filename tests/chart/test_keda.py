"""KEDA scales each set of Celery workers by the tasks of its queues, as Prometheus has them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from composition import loaded_with, prod_with
from manifests import Manifests, load

EXAMPLE = "ci/examples/keda.yaml"
SCHEMA = json.loads((Path(__file__).parent / "fixtures/keda-scaledobject.json").read_text())


@pytest.fixture(scope="module")
def manifests(composition) -> Manifests:
    return loaded_with(EXAMPLE)


@pytest.fixture(scope="module")
def scaled(manifests) -> dict[str, dict]:
    return {item["metadata"]["name"]: item["spec"] for item in manifests.of("ScaledObject")}


def test_each_set_has_a_scaled_object_that_kedas_definition_accepts(scaled):
    assert set(scaled) == {"maestro-worker-general", "maestro-worker-heavy"}
    for spec in scaled.values():
        jsonschema.validate(spec, SCHEMA)


def test_the_definition_refuses_a_misspelled_field(scaled):
    with pytest.raises(jsonschema.ValidationError, match="maxReplicas"):
        jsonschema.validate({**scaled["maestro-worker-heavy"], "maxReplicas": 3}, SCHEMA)


def test_what_it_scales_exists_and_nothing_else_scales_it(manifests, scaled):
    workers = {item["metadata"]["name"] for item in manifests.of("Deployment")}
    targets = {(spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]) for spec in scaled.values()}
    assert targets == {("Deployment", name) for name in workers if "-worker-" in name}
    assert not {spec["spec"]["scaleTargetRef"]["name"] for spec in manifests.of("HorizontalPodAutoscaler")} & workers


def test_a_set_may_have_limits_of_its_own_and_none_running(scaled):
    limits = {name: (spec["minReplicaCount"], spec["maxReplicaCount"]) for name, spec in scaled.items()}
    assert limits == {"maestro-worker-general": (1, 20), "maestro-worker-heavy": (0, 4)}


def test_the_alert_for_workers_knows_which_queues_may_have_none(composition):
    rule = "statsd.prometheusRule.enabled=true"
    sets = [
        "airflow.workers.celery.sets[1].queue=heavy\\,shared",
        "airflow.workers.celery.sets[0].queue=default\\,shared",
    ]
    for settings, queues in (
        ([rule], {"heavy"}),
        ([rule, *sets], {"heavy"}),
        ([rule, "keda.minReplicaCount=0"], {"default", "heavy"}),
    ):
        done = prod_with(EXAMPLE, *settings)
        assert done.returncode == 0, done.stderr
        (rules,) = load(done.stdout).of("PrometheusRule")
        (alert,) = [r for r in rules["spec"]["groups"][0]["rules"] if r["alert"] == "MaestroWorkersDown"]
        (named,) = re.findall(r'airflow_ti_queued\{queue=~"([^"]*)"', alert["expr"])
        assert set(named.split("|")) == queues


def test_it_counts_the_tasks_of_the_sets_own_queue_by_how_many_a_worker_takes(scaled):
    (trigger,) = scaled["maestro-worker-heavy"]["triggers"]
    assert set(re.findall(r'queue=~"(\w+)"', trigger["metadata"]["query"])) == {"heavy"}
    assert trigger["metadata"]["threshold"] == "8"


def test_a_worker_is_not_taken_from_its_tasks_when_prometheus_is_silent(scaled):
    for spec in scaled.values():
        assert spec["fallback"]["behavior"] == "currentReplicasIfHigher"
        assert spec["triggers"][0]["metadata"]["ignoreNullValues"] == "false"


def test_the_series_it_asks_for_are_those_of_the_exporter(manifests, scaled):
    mapping = manifests.named("ConfigMap", "maestro-statsd")["data"]["mapping.yaml"]
    for series in re.findall(r"airflow_\w+", scaled["maestro-worker-general"]["triggers"][0]["metadata"]["query"]):
        assert f"name: {series}\n" in mapping


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is missing: apt-get install prometheus")
@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ({"airflow_ti_queued{Q}": 5, "airflow_ti_running{Q}": 7, "airflow_scheduler_heartbeat{}": 1}, 12),
        ({"airflow_scheduler_heartbeat{}": 1}, 0),
        ({"airflow_ti_queued{R}": 5, "airflow_scheduler_heartbeat{}": 1}, 0),
        ({"airflow_ti_queued{Q}": 5}, None),
    ],
    ids=["waiting and running", "nothing to do", "another queue", "no scheduler"],
)
def test_the_query_gives_the_number_of_tasks(scaled, tmp_path, series, expected):
    labels = 'namespace="ml",job="maestro-statsd",dag_id="d",task_id="t"'
    query = scaled["maestro-worker-general"]["triggers"][0]["metadata"]["query"]
    places = {"{Q}": f'{{{labels},queue="default"}}', "{R}": f'{{{labels},queue="gpu"}}', "{}": f"{{{labels}}}"}
    inputs = []
    for name, value in series.items():
        metric, place = name.split("{", 1)
        inputs.append({"series": metric + places["{" + place], "values": f"{value}x5"})
    samples = [] if expected is None else [{"labels": "{}", "value": expected}]
    test = {"interval": "1m", "input_series": inputs}
    test["promql_expr_test"] = [{"expr": query, "eval_time": "3m", "exp_samples": samples}]
    (tmp_path / "test.yaml").write_text(json.dumps({"tests": [test]}))
    done = subprocess.run(
        ["promtool", "test", "rules", tmp_path / "test.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("airflow.workers.celery.hpa.enabled=true", "both scale the workers"),
        ("keda.serverAddress=", "name it in keda.serverAddress"),
        ("statsd.enabled=false", "statsd.enabled is false"),
        ("keda.sets.gpu.maxReplicaCount=2", "there is no such set"),
        ("keda.minReplicaCount=30", "at least 30 workers and at most 20"),
        ("airflow.workers.celery.keda.enabled=true", "set keda.enabled of this chart"),
    ],
)
def test_what_cannot_scale_is_refused(composition, value, words):
    result = prod_with(EXAMPLE, value)
    assert result.returncode != 0
    assert words in result.stderr
