"""The pod a step runs in, as it would be sent to Kubernetes."""

from datetime import UTC, datetime

import pytest

from maestro_ml.airflow.deployment import project_at
from maestro_ml.airflow.operators import MaestroStepOperator, folder_of
from maestro_ml.airflow.pods import MaestroPodOperator, pod_settings
from maestro_ml.airflow.wiring import step_task
from maestro_ml.project import load_project

EXECUTION = """
execution:
  mode: kubernetes
  steps: [train]
  image: localhost/maestro-training:0.1.0
  namespace: training
  service_account: trainer
  env_from_config_map: maestro-settings
  env_from_secret: maestro-endpoints
  resources: {cpu: "1", memory: 2Gi, memory_limit: 3Gi}
  node_selector: {disk: fast}
"""


@pytest.fixture
def project_folder(mini, tmp_path, monkeypatch):
    (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text() + EXECUTION)
    monkeypatch.setenv("MAESTRO_PROJECT", str(tmp_path))
    return tmp_path


@pytest.fixture
def kubeconfig(tmp_path):
    """A client configuration for a server that is never called."""
    file = tmp_path / "kubeconfig"
    file.write_text(
        "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}],"
        " clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}], users: [{name: u, user: {}}]}"
    )
    return str(file)


@pytest.fixture
def pod(project_folder, kubeconfig, airflow_database):
    settings = {"step": "train", "project_path": str(project_folder), "target": "first"}
    task = MaestroPodOperator(task_id="train", config_file=kubeconfig, **settings)
    run = type("Run", (), {"dag_id": "model_training_pipeline", "run_id": "r:1", "run_after": None})()
    context = {"dag_run": run, "data_interval_end": datetime(2013, 12, 1, 4, tzinfo=UTC)}
    task.arguments = task._command(context, folder_of(context, "s3://bucket/runs", "train", "first"))
    return task.build_pod_request_obj()


def test_it_runs_the_step_for_the_runs_window_and_folder(pod):
    (container,) = pod.spec.containers
    assert container.image == "localhost/maestro-training:0.1.0"
    assert container.command == ["maestro"]
    assert container.args == [
        *("run", "train", "--target", "first", "--at", "2013-12-01T04:00:00+00:00"),
        *("--run-uri", "s3://bucket/runs/model_training_pipeline/r-1", "--json"),
    ]


def test_its_secret_wins_over_its_settings(pod):
    settings, secret = pod.spec.containers[0].env_from
    assert (settings.config_map_ref.name, secret.secret_ref.name) == ("maestro-settings", "maestro-endpoints")


def test_it_is_restricted_and_gets_its_secrets_by_name_only(pod):
    (container,) = pod.spec.containers
    assert pod.spec.automount_service_account_token is False
    assert pod.spec.service_account_name == "trainer"
    assert pod.spec.security_context.run_as_non_root
    assert pod.spec.security_context.seccomp_profile.type == "RuntimeDefault"
    assert container.security_context.allow_privilege_escalation is False
    assert container.security_context.capabilities.drop == ["ALL"]
    assert [source.secret_ref.name for source in container.env_from if source.secret_ref] == ["maestro-endpoints"]
    assert {env.name for env in container.env} <= {"MAESTRO_PROJECT"}


def test_its_project_is_where_airflows_is(pod, project_folder):
    (variable,) = pod.spec.containers[0].env
    assert (variable.name, variable.value) == ("MAESTRO_PROJECT", str(project_folder))


def test_its_project_is_where_the_project_file_says(project_folder):
    file = project_folder / "maestro.yaml"
    file.write_text(file.read_text().replace("namespace: training", "namespace: training\n  project: /opt/acme"))
    settings = pod_settings(load_project(project_folder), "train", str(project_folder))
    assert settings["env_vars"] == {"MAESTRO_PROJECT": "/opt/acme"}


def test_its_last_message_is_kept_without_a_dump_of_the_pod(pod, project_folder):
    assert pod.spec.containers[0].termination_message_policy == "FallbackToLogsOnError"
    task = MaestroPodOperator(task_id="train", step="train", project_path=str(project_folder), target="first")
    assert task.log_pod_spec_on_failure is False


def test_it_has_resources_labels_and_a_place(pod):
    (container,) = pod.spec.containers
    assert container.resources.requests == {"cpu": "1", "memory": "2Gi"}
    assert container.resources.limits == {"cpu": "1", "memory": "3Gi"}
    assert pod.spec.node_selector == {"disk": "fast"}
    assert pod.metadata.namespace == "training"
    assert pod.metadata.labels["maestro/step"] == "train"
    assert pod.metadata.labels["maestro/team"] == "tests"


def test_it_has_no_xcom_sidecar_and_outlives_its_worker(project_folder):
    task = MaestroPodOperator(task_id="train", step="train", project_path=str(project_folder), target="first")
    assert task.do_xcom_push is False
    assert task.durable is True


def test_only_the_named_steps_go_to_pods(project_folder):
    project = project_at(str(project_folder))
    assert isinstance(step_task(project, "train", target="first"), MaestroPodOperator)
    assert isinstance(step_task(project, "evaluate", target="first"), MaestroStepOperator)
