"""Where task logs are read: from the pod that writes them, by an address that resolves, and after that pod is gone."""

import subprocess

from composition import HELM, ROOT
from manifests import load
from rendered_settings import airflow_config

LOGS = "/opt/airflow/logs"


def log_volumes(manifests):
    """Return the volume of the logs, by workload of Airflow, with what of it is mounted."""
    found = {}
    for container in manifests.containers:
        for mount in container.spec.get("volumeMounts", []):
            if mount["mountPath"] == LOGS:
                (volume,) = (v for v in container.pod["volumes"] if v["name"] == mount["name"])
                found[container.owner] = (
                    volume.get("persistentVolumeClaim", {}).get("claimName"),
                    mount.get("subPath"),
                )
    return found


def test_a_log_is_fetched_from_an_address_and_not_from_the_name_of_a_pod(manifests):
    from airflow.utils.net import get_host_ip_address

    callable_ = airflow_config(manifests)["core"]["hostname_callable"]
    assert callable_ == f"{get_host_ip_address.__module__}.{get_host_ip_address.__name__}"


def test_on_one_node_all_of_airflow_shares_one_volume_of_logs(minikube):
    volumes = log_volumes(minikube)
    components = {"scheduler", "api-server", "dag-processor", "triggerer"}
    assert set(volumes) == {f"Deployment/maestro-airflow-{component}" for component in components}
    assert set(volumes.values()) == {("maestro-store", "logs")}
    # Several pods of one node may mount it.
    assert minikube.named("PersistentVolumeClaim", "maestro-store")["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_where_all_share_one_volume_one_container_removes_old_logs(minikube):
    shared = {owner for owner, (claim, _) in log_volumes(minikube).items() if claim}
    groomers = {c.owner for c in minikube.containers if c.spec["name"].endswith("log-groomer")}
    assert groomers & shared == {"Deployment/maestro-airflow-scheduler"}


def test_every_claim_is_made_whatever_the_release_is_called(composition):
    command = [HELM, "template", "other", ".", "-f", "values/minikube.yaml"]
    objects = load(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    claims = {claim["metadata"]["name"] for claim in objects.of("PersistentVolumeClaim")}
    volumes = [volume for container in objects.containers for volume in container.pod.get("volumes", [])]
    named = {volume["persistentVolumeClaim"]["claimName"] for volume in volumes if "persistentVolumeClaim" in volume}
    assert "maestro-store" in named
    assert named <= claims


def test_in_production_logs_go_to_a_bucket_when_a_task_ends(prod):
    logging = airflow_config(prod)["logging"]
    assert logging["remote_logging"] == "True"
    assert logging["remote_base_log_folder"].startswith("s3://")
