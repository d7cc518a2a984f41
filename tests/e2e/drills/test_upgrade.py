"""Upgrades while work goes on, the way back, and what an uninstallation leaves."""

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from harness.airflow_api import AirflowApi
from harness.kubectl import wait_until
from harness.pipelines import metrics, versions
from harness.platform import Platform
from harness.proof import machine, prove, table
from harness.release import ENDS, NAME, ROOT, Release

TRAINING, CANARY, MODEL = "model_training_pipeline", "maestro_canary", "flights_late_at_pushback"
CHART = ("Chart.yaml", "values.yaml", "values.schema.json", ".helmignore", "values", "templates", "charts", "files")
# docs/chart.md, "What stays after helm uninstall"
KINDS = "deployments,statefulsets,jobs,cronjobs,services,serviceaccounts,roles,rolebindings,configmaps"
# Backups are in a bucket in this profile, so there is no claim of theirs.
STAY = {
    f"data-{NAME}-postgres-0",
    f"data-{NAME}-featurestore-redis-0",
    f"redis-db-{NAME}-airflow-redis-0",
}


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide the chart as a later version of itself."""
    folder = tmp_path_factory.mktemp("chart")
    for name in CHART:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)
    file = folder / "Chart.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"version": "99.0.0"}))
    return folder


def test_upgrading_with_the_same_values_rolls_no_pod(celery: Release) -> None:
    before = _templates(celery)
    seconds = [celery.install(), celery.install()]
    assert _templates(celery) == before
    prove(
        "same-values",
        "Upgrading with the same values",
        machine(),
        f"Twice, the Celery profile: {seconds[0]:.0f} s and {seconds[1]:.0f} s; "
        f"all pods of the {len(before)} workloads stay.",
    )


def test_a_run_in_progress_survives_the_upgrade_and_the_way_back(celery: Release, following: Path) -> None:
    run = f"upgrade-{int(time.time())}"
    before, registered = _templates(celery), len(versions(celery, MODEL))
    revision = _revision(celery)
    with celery.api() as api:
        api.unpause([TRAINING, CANARY])
        api.trigger(TRAINING, run, ENDS[TRAINING])
        wait_until(celery.training.pods, "a training pod", seconds=300)
        states = api.states(TRAINING, run)
        at_the_time = ", ".join(f"{task} {state}" for task, state in states.items() if state != "None")
        later = replace(celery, chart=following)
        upgraded = later.install("--set-string", "global.environment.E2E_ROUND=99", timeout="25m")
        ended = api.finished(TRAINING, run, 1500)
        assert ended["state"] == "success", api.states(TRAINING, run)
        assert _revision(celery) == (revision[0] + 1, "99.0.0")
        rolled = len(before - _templates(celery))
        assert rolled
        assert _canary(api, "after-upgrade") == "success"

        began = time.monotonic()
        celery.helm("rollback", NAME, str(revision[0]), "--wait", "--timeout", "25m")
        back = time.monotonic() - began
        assert _revision(celery)[1] == revision[1]
        assert _canary(api, "after-rollback") == "success"
        tries = {task["task_id"]: task["try_number"] for task in api.tasks(TRAINING, run)}
    assert len(versions(celery, MODEL)) == registered + 1
    assert metrics(celery)
    prove(
        "upgrade",
        "Upgrade and rollback with a run in progress",
        machine(),
        "Another version of the chart and another environment, so that every pod of Airflow is replaced, "
        f"while a training run goes on (its tasks at the time: {at_the_time}).",
        table(
            ("what", "seen"),
            [
                ("upgrade, seconds", upgraded),
                ("workloads rolled", rolled),
                ("the run", ended["state"]),
                ("tries a task, at most", max(tries.values())),
                ("model versions it registered", 1),
                ("rollback, seconds", back),
            ],
        ),
    )


def test_an_uninstallation_leaves_the_volumes_that_are_documented(platform: Platform, celery: Release) -> None:
    celery.helm("uninstall", NAME, "--wait", "--timeout", "15m")
    left = {claim["metadata"]["name"] for claim in celery.kubectl.items("persistentvolumeclaims")}
    others = {
        f"{item['kind']} {item['metadata']['name']}"
        for item in celery.kubectl.items(KINDS)
        if item["metadata"]["name"] not in {"default", "kube-root-ca.crt"}
    }
    assert left == STAY
    assert others == set()
    prove(
        "uninstall",
        "Uninstalled",
        machine(),
        f"`helm uninstall` of the Celery profile leaves {', '.join(sorted(left))}.",
    )
    platform.remove(celery)


def _templates(release: Release) -> set[str]:
    """Return what the pods were made of: one that is rolled has another template, one more worker has not."""
    hashes = ("pod-template-hash", "controller-revision-hash")
    return {
        f"{pod['metadata']['ownerReferences'][0]['name']} {label}"
        for pod in release.kubectl.pods()
        for label in (pod["metadata"]["labels"].get(each) for each in hashes)
        if label
    }


def _revision(release: Release) -> tuple[int, str]:
    last = json.loads(release.helm("history", NAME, "--max", "1", "--output", "json"))[-1]
    return int(last["revision"]), str(last["chart"]).rpartition("-")[2]


def _canary(api: AirflowApi, run: str) -> str:
    name = f"{run}-{int(time.time())}"
    api.trigger(CANARY, name)
    return str(api.finished(CANARY, name)["state"])
