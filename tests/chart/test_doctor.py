"""The test pod that runs `maestro doctor` stands where a task stands: it sees and reaches what a task does."""

import pytest
from composition import RELEASE
from workloads import with_values

RUNNERS = {"minikube": "airflow-scheduler", "prod": "airflow-worker-heavy"}
# Of the official chart's own making: they say what kind of process it is, or what the doctor has no use for.
OF_THE_PROCESS = {
    "AIRFLOW_CONN_AIRFLOW_DB", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "DUMB_INIT_SETSID",
    "AIRFLOW__CELERY__RESULT_BACKEND", "AIRFLOW__CELERY__BROKER_URL",
}  # fmt: skip
OWN_VALUES = {
    "airflow": {
        "env": [{"name": "TEAM", "value": "risk"}],
        "secret": [{"envName": "TOKEN", "secretName": "team", "secretKey": "token"}],
        "extraEnv": "- {name: PLACE, value: '{{ .Release.Name }}'}",
        "extraEnvFrom": "- configMapRef: {name: '{{ .Release.Name }}-team'}",
        "volumes": [{"name": "team", "configMap": {"name": "team"}}],
        "volumeMounts": [
            {"name": "team", "mountPath": "/team"},
            # Volumes of the official chart.
            {"name": "config", "mountPath": "/own.cfg", "subPath": "airflow.cfg", "readOnly": True},
            {"name": "logs", "mountPath": "/own-logs"},
        ],
    },
    "tests": {
        "podLabels": {"team": "risk"},
        "nodeSelector": {"pool": "tests"},
        "extraVolumes": [{"name": "more", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
        "extraEnv": [{"name": "TEAM", "value": "of the test"}],
        "extraEnvFrom": [{"secretRef": {"name": "more"}}],
    },
}
OF_THE_RUNNER = {
    "env": [{"name": "PART", "value": "tasks"}],
    "extraVolumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
    "extraVolumeMounts": [{"name": "data", "mountPath": "/data"}],
}
WHERE = {"minikube": {"scheduler": OF_THE_RUNNER}, "prod": {"workers": {"celery": OF_THE_RUNNER}}}


def doctor(manifests):
    pod = manifests.named("Pod", f"{RELEASE}-test-doctor")
    (container,) = pod["spec"]["containers"]
    return pod, container


def by_name(items):
    return {each["name"]: each for each in items or []}


@pytest.mark.parametrize("own", [False, True], ids=["as it is", "with values of one's own"])
def test_the_doctor_has_what_a_task_has(environment, tmp_path, own):
    values = {**OWN_VALUES, "airflow": {**OWN_VALUES["airflow"], **WHERE[environment]}} if own else {}
    manifests = with_values(tmp_path, values, environment)
    task = manifests.named("Deployment", f"{RELEASE}-{RUNNERS[environment]}")["spec"]["template"]["spec"]
    container = task["containers"][0]
    pod, looking = doctor(manifests)
    assert pod["spec"]["serviceAccountName"] == task["serviceAccountName"]
    assert looking["image"] == container["image"]
    assert pod["spec"].get("imagePullSecrets") == task.get("imagePullSecrets") or not task.get("imagePullSecrets")
    seen, missed = by_name(looking["env"]), by_name(container["env"])
    assert missed.keys() - seen.keys() <= OF_THE_PROCESS
    different = {name for name in missed.keys() & seen.keys() if missed[name] != seen[name]}
    assert different == ({"TEAM"} if own else set())
    assert [source for source in container["envFrom"] if source not in looking["envFrom"]] == []
    places = {mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] != "logs"}
    assert places - {mount["mountPath"] for mount in looking["volumeMounts"]} <= {
        "/opt/airflow/config/airflow_local_settings.py", "/opt/airflow/pod_templates/pod_template_file.yaml",
    }  # fmt: skip
    volumes = by_name(pod["spec"]["volumes"])
    for name, volume in by_name(task["volumes"]).items():
        assert volumes.get(name, volume) == volume
    if own:
        assert pod["metadata"]["labels"]["team"] == "risk"
        assert pod["spec"]["nodeSelector"] == {"pool": "tests"}
        assert seen["TEAM"]["value"] == "of the test"
        assert {"secretRef": {"name": "more"}} in looking["envFrom"]
        assert "/more" in {mount["mountPath"] for mount in looking["volumeMounts"]}


def test_it_may_look_at_pods_of_training_where_a_task_may_start_them(prod, minikube):
    assert doctor(prod)[0]["spec"]["automountServiceAccountToken"] is True
    assert doctor(minikube)[0]["spec"]["automountServiceAccountToken"] is False
