"""The pod a step runs in, as it would be sent to Kubernetes."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from airflow.providers.cncf.kubernetes.callbacks import KubernetesPodOperatorCallback
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from kubernetes.client.models import V1ObjectMeta, V1Pod

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.dag_factory import step_task
from maestro_ml.airflow.operators import MaestroStepOperator, folder_of
from maestro_ml.airflow.pods import MaestroPodOperator
from maestro_ml.project import MaestroError
from maestro_ml.steps import StepRecord, StepResult
from maestro_ml.steps.store import RESULT

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
    """Provide a client configuration for a server that is never called."""
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
    run = type("Run", (), {"dag_id": "model_training_pipeline", "run_id": "r-1", "run_after": None})()
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


def test_it_has_no_xcom_sidecar_outlives_its_worker_and_shows_its_log_and_events(project_folder):
    task = MaestroPodOperator(task_id="train", step="train", project_path=str(project_folder), target="first")
    assert task.do_xcom_push is False
    assert task.durable is True
    assert task.get_logs is True
    assert task.log_events_on_failure is True


def test_only_the_named_steps_go_to_pods(project_folder):
    project = project_at(str(project_folder))
    assert isinstance(step_task(project, "train", target="first"), MaestroPodOperator)
    assert isinstance(step_task(project, "evaluate", target="first"), MaestroStepOperator)


def test_it_goes_when_it_has_finished_and_waits_for_its_start_as_long_as_the_project_says(project_folder):
    task = MaestroPodOperator(task_id="train", step="train", project_path=str(project_folder))
    assert task.on_finish_action == "delete_pod"
    assert task.startup_timeout_seconds == task.schedule_timeout_seconds == 600


@pytest.mark.parametrize(
    ("declared", "waits"),
    [
        ("startup_timeout_seconds: 77", (77, 77)),
        ("startup_timeout_seconds: 77\n  schedule_timeout_seconds: 78", (77, 78)),
        ("queue: night", (600, 30 * 24 * 3600)),
        ("queue: night\n  schedule_timeout_seconds: 78", (600, 78)),
    ],
)
def test_in_a_queue_it_waits_as_long_as_a_task_may_run_unless_the_project_says_how_long(
    project_folder, declared, waits
):
    file = project_folder / "maestro.yaml"
    file.write_text(file.read_text().replace("namespace: training", f"namespace: training\n  {declared}"))
    project_at.cache_clear()
    task = MaestroPodOperator(task_id="train", step="train", project_path=str(project_folder))
    assert (task.startup_timeout_seconds, task.schedule_timeout_seconds) == waits


def test_each_model_has_a_pod_of_its_own_though_one_task_stands_for_all(project_folder, kubeconfig, airflow_database):
    file = project_folder / "maestro.yaml"
    own = "label: late, pods: {train: {queue: night, resources: {gpus: 2}}}"
    file.write_text(file.read_text().replace("label: late", own, 1))
    project_at.cache_clear()
    settings = {"step": "train", "project_path": str(project_folder), "config_file": kubeconfig}
    first, second = (MaestroPodOperator(task_id="train", target=name, **settings) for name in ("first", "second"))
    pod, other = (task.build_pod_request_obj() for task in (first, second))
    assert pod.metadata.labels["kueue.x-k8s.io/queue-name"] == "night"
    assert pod.spec.containers[0].resources.limits["nvidia.com/gpu"] == "2"
    assert "kueue.x-k8s.io/queue-name" not in other.metadata.labels
    assert set(other.spec.containers[0].resources.limits) == {"cpu", "memory"}


def test_its_target_and_parameters_are_templates_as_in_process():
    assert {"target", "parameters"} <= {*MaestroPodOperator.template_fields}
    assert {"target", "parameters"} <= {*MaestroStepOperator.template_fields}
    assert {*KubernetesPodOperator.template_fields} <= {*MaestroPodOperator.template_fields}


STARTED = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def attempt(project_folder, monkeypatch):
    """Give a function that executes the task once, with what its pod leaves and how it ends.

    Airflow's operator, which needs a cluster, is replaced; tests/e2e/test_training_pods.py has real pods.
    """

    def run(ends=None, finished=None, outcome="passed", started=STARTED, **arguments):
        task = MaestroPodOperator(task_id="train", step="train", project_path=str(project_folder), **arguments)
        folder = folder_of(context(started), str(project_folder / "runs"), "train", task.target)

        def pod(self, _):
            run.commands.append(self.arguments)
            run.waits.append(self.schedule_timeout_seconds)
            if finished:
                left = StepResult(outcome=outcome, summary=f"it {outcome}")
                folder.write_model(RESULT, StepRecord[StepResult](
                    step="train", target=task.target, window_start=STARTED, window_end=STARTED, uri=folder.uri,
                    finished_at=finished, seconds=1, peak_mb=1, version="0", result=left,
                ))  # fmt: skip
            if ends:
                raise ends

        monkeypatch.setattr(KubernetesPodOperator, "execute", pod)
        return task.execute(context(started))

    def context(started):
        run = SimpleNamespace(dag_id="model_training_pipeline", run_id="r-1", run_after=STARTED)
        return {"dag_run": run, "data_interval_end": STARTED, "ti": SimpleNamespace(start_date=started)}

    run.commands, run.waits = [], []
    return run


SECOND = timedelta(seconds=1)


def test_a_pod_that_succeeds_concludes_with_the_result_it_left(attempt, project_folder):
    left = attempt(finished=STARTED + SECOND, target="first")
    assert (left["summary"], left["uri"]) == (
        "it passed",
        f"{project_folder}/runs/model_training_pipeline/r-1/train/first",
    )


@pytest.mark.parametrize("finished", [STARTED, STARTED + SECOND])
def test_a_verdict_of_this_try_is_the_tasks_though_its_pod_ended_with_an_error(attempt, finished):
    with pytest.raises(AirflowFailException, match=r"^it failed$"):
        attempt(AirflowException("Pod returned a failure."), finished, "failed")
    with pytest.raises(AirflowSkipException, match=r"^it skipped$"):
        attempt(AirflowException("Pod returned a failure."), finished, "skipped")


@pytest.mark.parametrize("finished", [STARTED - SECOND, STARTED - timedelta(days=1), None])
def test_a_result_of_an_earlier_try_is_not_taken_for_this_ones(attempt, finished):
    with pytest.raises(AirflowException, match="Pod returned a failure") as caught:
        attempt(AirflowException("Pod returned a failure."), finished)
    assert not isinstance(caught.value, AirflowFailException)


def test_where_airflow_names_no_start_the_result_that_is_there_counts(attempt):
    assert attempt(AirflowException("lost"), STARTED, started=None)["summary"] == "it passed"


def test_a_pod_that_succeeds_and_leaves_no_result_is_no_success(attempt):
    with pytest.raises(MaestroError, match=r"result\.json is not there"):
        attempt()


def test_parameters_are_handed_on_by_name(attempt):
    attempt(finished=STARTED, parameters={"move_alias": True, "stages": "schema,quality"})
    (command,) = attempt.commands
    assert command[-5:] == ["--param", "move_alias=True", "--param", "stages=schema,quality", "--json"]
    assert "--target" not in command


def test_a_mapped_task_waits_as_long_as_the_pod_of_its_model_may(attempt, project_folder):
    file = project_folder / "maestro.yaml"
    own = "label: late, pods: {train: {schedule_timeout_seconds: 78}}"
    file.write_text(file.read_text().replace("label: late", own, 1))
    project_at.cache_clear()
    for target in ("first", "second"):
        attempt(finished=STARTED, target=target)
    assert attempt.waits == [78, 600]


def test_a_task_that_is_killed_deletes_its_pod(project_folder, kubeconfig):
    deleted = []

    class Kubernetes(BaseHTTPRequestHandler):
        def do_DELETE(self):
            deleted.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Kubernetes) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        Path(kubeconfig).write_text(Path(kubeconfig).read_text().replace(":9'", f":{server.server_port}'"))
        settings = {"step": "train", "project_path": str(project_folder), "config_file": kubeconfig}
        task = MaestroPodOperator(task_id="train", target="first", **settings)
        task.pod = V1Pod(metadata=V1ObjectMeta(name="train-x", namespace="training"))
        task.on_kill()
        server.shutdown()
    assert deleted == ["/api/v1/namespaces/training/pods/train-x"]


def test_what_follows_the_pods_log_gets_every_line(project_folder, kubeconfig, airflow_database, monkeypatch):
    lines = []

    class Follower(KubernetesPodOperatorCallback):
        @staticmethod
        def progress_callback(*, line, **_):
            lines.append(line)

    arguments = {"task_id": "train", "step": "train", "project_path": str(project_folder), "config_file": kubeconfig}
    manager = MaestroPodOperator(**arguments, callbacks=Follower).pod_manager
    monkeypatch.setattr(
        manager, "read_pod_logs", lambda **_: [b"2024-01-01T00:00:00Z one", b"2024-01-01T00:00:01Z two"]
    )
    monkeypatch.setattr(manager, "container_is_running", lambda *_, **__: False)
    pod = SimpleNamespace(metadata=SimpleNamespace(namespace="training", name="train-x"))
    manager.fetch_container_logs(pod, "base", follow=False)
    assert lines == ["one", "two"]
