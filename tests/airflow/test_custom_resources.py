"""A custom resource from its creation to its deletion, with a stand-in for Kubernetes."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, AirflowTaskTimeout
from custom_resource_settings import RAY, TOY
from fake_kubernetes import FakeKubernetes, api_error
from kubernetes.client import ApiException
from pod_settings import PLAIN
from urllib3.exceptions import MaxRetryError

from maestro_ml.airflow import custom_resources
from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.custom_resources import CustomResourceRun
from maestro_ml.airflow.operators import folder_of
from maestro_ml.airflow.pods import MaestroPodOperator
from maestro_ml.project.custom_resource import CustomResource
from maestro_ml.steps import StepRecord, StepResult
from maestro_ml.steps.failure import FAILURE, StepFailure
from maestro_ml.steps.store import RESULT

DONE, RUNNING = {"phase": "Done"}, {"phase": "Running"}
BROKEN = {"phase": "Broken", "message": "the toy\nis broken"}
KIND = CustomResource.model_validate(TOY).resource_kind
MANIFEST = {
    "apiVersion": "toys.example.com/v1",
    "kind": "Toy",
    "metadata": {"name": "toy-1", "namespace": "training", "annotations": {"maestro/manifest": "abc"}},
    "spec": {},
}
CREATED = ("create", "toys.example.com/v1/training/toys/toy-1")
DELETED = ("delete", "Foreground")


@pytest.fixture(autouse=True)
def time_passes(monkeypatch):
    """Provide the clock of the watch: each wait takes as long as it says, and no time."""
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    monkeypatch.setattr(custom_resources.time, "sleep", sleep)
    monkeypatch.setattr(custom_resources.time, "monotonic", lambda: now[0])
    return now


def watched(kubernetes, start_seconds=60.0):
    CustomResourceRun(kubernetes, KIND, MANIFEST, start_seconds).run()


def changes(kubernetes):
    return [request for request in kubernetes.requests if request[0] != "pods"]


def test_it_is_created_watched_until_it_is_done_and_deleted():
    kubernetes = FakeKubernetes([RUNNING, RUNNING, DONE])
    watched(kubernetes)
    assert kubernetes.requests == [CREATED, DELETED]


def test_one_that_fails_says_why_and_is_deleted_after_its_logs_were_read(caplog):
    caplog.set_level("INFO")
    kubernetes = FakeKubernetes([RUNNING, BROKEN])
    container = SimpleNamespace(name="base")
    kubernetes.pods = [
        SimpleNamespace(metadata=SimpleNamespace(name="p"), spec=SimpleNamespace(containers=[container]))
    ]
    kubernetes.logs["p", "base"] = "Killed"
    with pytest.raises(AirflowException, match="the Toy toy-1 in training failed: the toy is broken"):
        watched(kubernetes)
    assert kubernetes.requests == [CREATED, ("pods", "maestro/resource=toy-1"), DELETED]
    assert "the last lines of p:\nKilled" in caplog.text


def test_where_the_logs_are_may_not_be_read_the_failure_is_still_the_failure():
    kubernetes = FakeKubernetes([BROKEN])

    def refused(*_, **__):
        raise api_error(403, "pods is forbidden")

    kubernetes.core_v1_client.list_namespaced_pod = refused
    with pytest.raises(AirflowException, match="is broken"):
        watched(kubernetes)
    assert changes(kubernetes) == [CREATED, DELETED]


def test_one_that_somebody_deletes_fails_the_try():
    with pytest.raises(AirflowException, match="was deleted while it ran"):
        watched(FakeKubernetes([RUNNING, None]))


def test_one_that_nobody_works_on_is_given_up(time_passes):
    kubernetes = FakeKubernetes([{}])
    with pytest.raises(AirflowException, match="has no status after 60 s; does its operator run"):
        watched(kubernetes)
    assert 60 < time_passes[0] < 90
    assert changes(kubernetes) == [CREATED, DELETED]
    watched(FakeKubernetes([{}, {}, {}, RUNNING, *[RUNNING] * 100, DONE]))  # what has begun may take its time


@pytest.mark.parametrize("stop", [AirflowTaskTimeout, KeyboardInterrupt, SystemExit])
def test_it_is_deleted_when_the_task_is_stopped(stop):
    class Stopped(FakeKubernetes):
        def get_custom_object(self, **place):
            if self.resources:
                raise stop
            return super().get_custom_object(**place)

    kubernetes = Stopped()
    with pytest.raises(stop):
        watched(kubernetes)
    assert changes(kubernetes) == [CREATED, DELETED]


def test_one_of_an_earlier_try_is_watched_further():
    kubernetes = FakeKubernetes([RUNNING, DONE])
    kubernetes.put(MANIFEST)
    watched(kubernetes)
    assert kubernetes.requests == [DELETED]


@pytest.mark.parametrize("status", [BROKEN, None], ids=["failed", "of another manifest"])
def test_one_that_failed_or_is_not_as_it_would_be_is_replaced(status):
    kubernetes = FakeKubernetes([status or RUNNING, RUNNING, DONE], finalizes=3)
    kubernetes.put(MANIFEST, **({} if status else {"annotations": {"maestro/manifest": "other"}}))
    watched(kubernetes)
    assert kubernetes.requests == [DELETED, CREATED, DELETED]


def test_one_that_is_being_deleted_is_waited_for():
    kubernetes = FakeKubernetes([RUNNING, DONE], finalizes=5)
    kubernetes.put(MANIFEST, deletionTimestamp="2026-01-01T00:00:00Z")
    watched(kubernetes)
    assert kubernetes.requests == [CREATED, DELETED]


def test_one_that_does_not_go_is_not_waited_for_for_ever():
    kubernetes = FakeKubernetes(finalizes=10_000)
    kubernetes.put(MANIFEST, deletionTimestamp="2026-01-01T00:00:00Z")
    with pytest.raises(AirflowException, match="still being deleted"):
        watched(kubernetes)


def test_while_kubernetes_does_not_answer_it_is_waited_for(time_passes):
    lost = [api_error(503, "unavailable"), api_error(429, "slow down"), MaxRetryError(None, "/")]
    kubernetes = FakeKubernetes([RUNNING, *lost, RUNNING, DONE])
    watched(kubernetes)
    assert kubernetes.requests == [CREATED, DELETED]
    with pytest.raises(MaxRetryError):
        watched(FakeKubernetes([RUNNING, MaxRetryError(None, "/")]))


REFUSALS = {
    "a kind that is not installed": (api_error(404), "has no Toy of toys.example.com/v1; install its operator"),
    "a right that is missing": (
        api_error(403, 'toys.toys.example.com is forbidden: User "x" cannot create resource "toys"'),
        r"cannot create resource \"toys\"; .* training.customResources: \[toys.toys.example.com\]",
    ),
}


@pytest.mark.parametrize(("error", "words"), REFUSALS.values(), ids=REFUSALS)
def test_what_would_be_refused_again_is_not_tried_again(error, words):
    kubernetes = FakeKubernetes()
    kubernetes.refuses["create"] = error
    with pytest.raises(AirflowFailException, match=words):
        watched(kubernetes)


def test_a_quota_may_have_room_later():
    kubernetes = FakeKubernetes()
    kubernetes.refuses["create"] = api_error(403, "exceeded quota: toys")
    with pytest.raises(ApiException):  # the operator says what this means
        watched(kubernetes)


def test_one_that_cannot_be_deleted_does_not_change_what_became_of_it():
    kubernetes = FakeKubernetes([DONE])
    kubernetes.refuses["delete"] = api_error(500, "etcd")
    watched(kubernetes)


STARTED = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def task(project_with, monkeypatch, tmp_path):
    """Provide `task(statuses)`: the operator and its Kubernetes, for a project whose step `train` is a RayJob."""
    project_with({**PLAIN, "steps": {"train": {"custom_resource": RAY}}})
    project_at.cache_clear()

    def build(*statuses):
        kubernetes = FakeKubernetes(statuses)
        monkeypatch.setattr(MaestroPodOperator, "hook", kubernetes)
        return MaestroPodOperator(task_id="train", step="train", project_path=str(tmp_path), target="first"), kubernetes

    return build


def context_of():
    run = SimpleNamespace(dag_id="model_training_pipeline", run_id="r-1", run_after=STARTED)
    return {"dag_run": run, "data_interval_end": STARTED, "ti": SimpleNamespace(start_date=STARTED)}


def leave(tmp_path, outcome="passed"):
    folder = folder_of(context_of(), str(tmp_path / "runs"), "train", "first")
    folder.write_model(RESULT, StepRecord[StepResult](
        step="train", target="first", window_start=STARTED, window_end=STARTED, uri=folder.uri, finished_at=STARTED,
        seconds=1, peak_mb=1, version="0", result=StepResult(outcome=outcome, summary=f"it {outcome}"),
    ))  # fmt: skip


COMPLETE = {"jobDeploymentStatus": "Complete", "jobStatus": "SUCCEEDED"}
FAILED = {"jobDeploymentStatus": "Failed", "reason": "AppFailed", "message": "job failed"}


def test_the_step_concludes_with_the_result_the_resource_left(task, tmp_path, monkeypatch):
    operator, kubernetes = task({"jobDeploymentStatus": "Running"}, COMPLETE)
    monkeypatch.setattr(KubernetesPodOperator, "execute", lambda *_: pytest.fail("a pod was started too"))
    leave(tmp_path)
    assert operator.execute(context_of())["summary"] == "it passed"
    (_, created), *_ = kubernetes.requests
    assert created.startswith("ray.io/v1/training/rayjobs/maestro-train-first-")


def test_a_verdict_is_the_tasks_though_the_resource_failed(task, tmp_path):
    operator, _ = task(FAILED)
    leave(tmp_path, "failed")
    with pytest.raises(AirflowFailException, match=r"^it failed$"):
        operator.execute(context_of())
    leave(tmp_path, "skipped")
    with pytest.raises(AirflowSkipException, match=r"^it skipped$"):
        task(FAILED)[0].execute(context_of())


def test_the_steps_own_error_is_the_tasks(task, tmp_path):
    operator, _ = task(FAILED)
    folder = folder_of(context_of(), str(tmp_path / "runs"), "train", "first")
    left = StepFailure(error="no row in the window", exit_code=2, again=False, failed_at=STARTED)
    folder.write_model(FAILURE, left)
    with pytest.raises(AirflowFailException, match="no row in the window"):
        operator.execute(context_of())


def test_without_one_the_resources_is_and_another_try_may_help(task):
    operator, _ = task(FAILED)
    with pytest.raises(AirflowException, match=r"RayJob .* failed: AppFailed: job failed") as caught:
        operator.execute(context_of())
    assert not isinstance(caught.value, AirflowFailException)


def test_a_refusal_that_would_come_again_ends_the_task(task):
    operator, kubernetes = task()
    kubernetes.refuses["create"] = api_error(404)
    with pytest.raises(AirflowFailException, match=r"has no RayJob of ray\.io/v1"):
        operator.execute(context_of())


def test_a_task_that_is_killed_deletes_it(task):
    operator, kubernetes = task({"jobDeploymentStatus": "Running"})

    def killed():
        operator.on_kill()
        raise SystemExit

    kubernetes.statuses = [{"jobDeploymentStatus": "Running"}, {"jobDeploymentStatus": "Running"}]
    real, calls = kubernetes.get_custom_object, []

    def get(**place):
        calls.append(place)
        return killed() if len(calls) > 2 else real(**place)

    kubernetes.get_custom_object = get
    with pytest.raises(SystemExit):
        operator.execute(context_of())
    assert ("delete", "Foreground") in kubernetes.requests
