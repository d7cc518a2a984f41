"""Choices whose opposite would render as well: each test says why it is this one."""

import json

import yaml
from composition import RELEASE, ROOT
from rendered_settings import airflow_config


def variables(container) -> dict[str, str | None]:
    return {variable["name"]: variable.get("value") for variable in container.spec.get("env") or []}


def test_one_task_at_a_time_writes_to_a_sqlite_store_and_a_deferred_one_lets_the_next_begin(manifests):
    pools = json.loads(manifests.named("ConfigMap", f"{RELEASE}-setup")["data"]["pools.json"])
    assert pools["feast_online_store"]["slots"] == 1
    assert pools["feast_online_store"]["include_deferred"] is False


def test_rows_that_the_cleanup_removes_are_gone_and_not_kept_in_tables_beside(prod):
    (cleanup,) = [c for c in prod.containers if c.owner.endswith("-database-cleanup")]
    command = " ".join([*(cleanup.spec.get("command") or []), *cleanup.spec["args"]])
    assert "--skip-archive" in command


def test_pgbouncer_reads_our_settings_and_the_users_of_the_secret(prod):
    (pgbouncer,) = [c for c in prod.containers if c.spec["name"] == "pgbouncer"]
    places = {mount["mountPath"] for mount in pgbouncer.spec["volumeMounts"] if "pgbouncer" in mount["mountPath"]}
    assert places == {"/etc/pgbouncer", "/etc/pgbouncer-users"}


def test_on_a_laptop_one_pod_writes_to_the_store(minikube):
    writers = {
        container.owner
        for container in minikube.containers
        for mount in container.spec.get("volumeMounts") or []
        if mount["mountPath"] == "/opt/maestro/store" and not mount.get("readOnly")
    }
    # The doctor looks whether a task may write.
    assert writers == {"Deployment/maestro-airflow-scheduler", "Pod/maestro-test-doctor"}


def test_mlflow_calls_nobody_and_runs_no_jobs_of_its_own(manifests):
    found = [variables(c) for c in manifests.containers if c.owner == f"Deployment/{RELEASE}-mlflow"]
    assert found
    assert {names["MLFLOW_DISABLE_TELEMETRY"] for names in found} == {"true"}
    assert found[-1]["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_the_feature_server_asks_a_connection_before_it_uses_it_and_writes_keys_as_tasks_do(manifests):
    """PostgreSQL restarts; and keys of another version find nothing."""
    store = yaml.safe_load(manifests.named("ConfigMap", f"{RELEASE}-featurestore")["data"]["feature_store.yaml"])
    assert store["provider"] == "local"
    assert store["registry"]["sqlalchemy_config_kwargs"]["pool_pre_ping"] is True
    assert store["entity_key_serialization_version"] == 3
    assert store["online_store"]["type"] == "redis"


def test_whoever_is_set_up_first_administers(manifests):
    (user,) = json.loads(manifests.named("ConfigMap", f"{RELEASE}-setup")["data"]["users.json"])
    assert (user["username"], user["role"]) == ("admin", "Admin")


def test_every_process_of_airflow_may_write_to_its_home_and_to_tmp(manifests):
    """The root file system is read-only; the scripts of `helm test` write nothing."""
    for container in manifests.containers:
        if "maestro-airflow:" in container.spec["image"] and not container.owner.startswith("Pod/"):
            mounts = container.spec["volumeMounts"]
            writable = {mount["mountPath"] for mount in mounts if not mount.get("readOnly")}
            assert "/tmp" in writable, container.name
            assert "/opt/airflow" in writable or container.spec["name"] == "demo-data", container.name


def values(file: str) -> dict:
    return yaml.safe_load((ROOT / file).read_text())


def test_the_user_of_a_laptop_is_the_default_one_with_a_secret_that_is_there():
    (default,), (laptop,) = values("values.yaml")["setup"]["users"], values("values/minikube.yaml")["setup"]["users"]
    assert default["passwordSecret"].pop("name") == ""
    assert laptop["passwordSecret"].pop("name") == values("values.yaml")["developmentSecrets"]["name"]
    assert default == laptop


def test_the_feature_server_serves_the_project_that_the_package_ships():
    shipped = values("src/maestro_ml/demo/project/maestro.yaml")["name"]
    assert values("charts/featurestore/values.yaml")["server"]["project"] == shipped


def test_the_ingress_is_of_the_class_whose_controller_the_policies_of_production_let_in():
    (peer,) = values("values/prod.yaml")["networkPolicies"]["webFrom"]
    namespace = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    assert namespace == f"ingress-{values('charts/ingress/values.yaml')['className']}"


def test_training_goes_to_the_queue_that_every_worker_has_unless_an_environment_has_another():
    from airflow.configuration import conf

    queue = values("values.yaml")["global"]["environment"]["MAESTRO_TRAINING_QUEUE"]
    assert queue == conf.get("operators", "default_queue")


def test_workers_of_production_take_tasks_until_they_end(prod):
    """A rolling update starts new workers first; a drain waits for the tasks of the old ones."""
    for name in ("general", "heavy"):
        spec = prod.named("Deployment", f"{RELEASE}-airflow-worker-{name}")["spec"]
        assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_dags_of_the_package_are_the_first_bundle(manifests):
    (bundle, *_) = json.loads(airflow_config(manifests)["dag_processor"]["dag_bundle_config_list"])
    assert bundle["name"] == "maestro"
