"""What the task of a failed pod says, and whether it is tried again."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodLaunchFailedException
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes import client
from kubernetes.client import models as k8s

from maestro_ml.airflow.pod_errors import error_of_pod, terminated
from maestro_ml.cli.app import run
from maestro_ml.project import RequestError
from maestro_ml.steps.failure import leave_failure
from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.store import StoreError


def of_airflow():
    return AirflowException("Pod train-x returned a failure.\nremote_pod: {24,000 characters}")


def pod_that_ended(message="", code=3, reason="Error", pod_reason=None):
    state = k8s.V1ContainerState(
        terminated=k8s.V1ContainerStateTerminated(exit_code=code, reason=reason, message=message)
    )
    limits = k8s.V1ResourceRequirements(limits={"memory": "3Gi"})
    return k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(name="train-x", namespace="training"),
        spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base", resources=limits)]),
        status=k8s.V1PodStatus(
            phase="Failed",
            reason=pod_reason,
            container_statuses=[
                k8s.V1ContainerStatus(name="base", image="i", image_id="i", ready=False, restart_count=0, state=state)
            ],
        ),
    )


@pytest.fixture
def folder(tmp_path):
    return StepFolder(str(tmp_path / "runs" / "dag" / "r-1"), "train", "first")


@pytest.fixture
def context():
    return {"ti": SimpleNamespace(start_date=datetime.now(UTC) - timedelta(minutes=1))}


def refusal(status, message):
    """Return what Airflow raises when Kubernetes refuses a pod."""
    error = client.ApiException(status=status, reason="Forbidden")
    error.body = json.dumps({"kind": "Status", "message": message})
    return error


@pytest.mark.parametrize(
    ("target", "words", "again"),
    [
        ("nothing", "no dataset 'nothing'; there are: trips, depots", False),
        ("trips", "no parquet file at", True),
    ],
)
def test_it_says_what_the_step_wrote_into_its_folder(mini, tmp_path, target, words, again):
    run_uri = str(tmp_path / "runs" / "dag" / "r-1")
    pod = ["run", "validate", "--target", target, "--at", "2024-01-11", "--run-uri", run_uri, "--json"]
    (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text())
    assert run([*pod, "--project", str(tmp_path)]) == 2
    folder = StepFolder(run_uri, "validate", target)
    started = datetime.now(UTC)
    before, after = ({"ti": SimpleNamespace(start_date=started + late)} for late in (-timedelta(1), timedelta(1)))
    error = error_of_pod(folder, before, of_airflow())
    assert words in str(error)
    assert isinstance(error, AirflowFailException) != again
    assert words not in str(error_of_pod(folder, after, of_airflow()))


def test_a_project_that_cannot_be_read_is_left_there_too(tmp_path):
    (tmp_path / "maestro.yaml").write_text("nonsense: 1\n")
    run_uri = str(tmp_path / "runs" / "dag" / "r-1")
    assert run(["run", "train", "--run-uri", run_uri, "--json", "--project", str(tmp_path)]) == 2
    error = error_of_pod(StepFolder(run_uri, "train"), {"ti": SimpleNamespace(start_date=None)}, of_airflow())
    assert "maestro.yaml" in str(error)
    assert isinstance(error, AirflowFailException)


@pytest.mark.parametrize(("cause", "again"), [(PermissionError("Forbidden"), False), (TimeoutError("no answer"), True)])
def test_it_says_what_the_container_left_when_the_store_is_what_fails(tmp_path, context, cause, again):
    (tmp_path / "a-file").write_text("")
    folder = StepFolder(f"{tmp_path}/a-file/dag/r-1", "train", "first")
    log = tmp_path / "termination-log"
    log.write_text("")
    error = StoreError("the run store at s3://bucket/runs cannot be used: Forbidden")
    error.__context__ = cause
    leave_failure(folder, error, log)
    shown = error_of_pod(folder, context, of_airflow(), pod_that_ended(log.read_text()))
    assert str(shown) == "the run store at s3://bucket/runs cannot be used: Forbidden"
    assert isinstance(shown, AirflowFailException) != again


def test_a_long_error_fits_into_the_containers_message(folder, tmp_path, context):
    log = tmp_path / "termination-log"
    log.write_text("")
    leave_failure(folder, StoreError('ä\n"' * 3000), log)
    assert len(log.read_bytes()) <= 4096
    shown = error_of_pod(
        StepFolder(f"{tmp_path}/other/dag/r", "train"), context, of_airflow(), pod_that_ended(log.read_text())
    )
    assert str(shown).startswith('ä\n"ä')
    assert str(shown).endswith(" ...")


def test_outside_a_container_no_message_is_left(folder, tmp_path):
    leave_failure(folder, StoreError("x"), tmp_path / "termination-log")
    assert not (tmp_path / "termination-log").exists()


@pytest.mark.parametrize(
    "pod", [None, k8s.V1Pod(), k8s.V1Pod(status=k8s.V1PodStatus()), k8s.V1Pod(status=k8s.V1PodStatus(conditions=[]))]
)
def test_a_pod_that_says_nothing_leaves_airflows_own_line(folder, context, pod):
    if pod:
        pod.metadata = k8s.V1ObjectMeta(name="train-x")
    assert terminated(pod) is None
    if pod is None or pod.status:
        assert str(error_of_pod(folder, context, of_airflow(), pod)) == "Pod train-x returned a failure."


def test_only_the_steps_own_container_says_how_it_ended(folder, context):
    pod = pod_that_ended("other words\nthe last line\n", code=7)
    assert (
        str(error_of_pod(folder, context, of_airflow(), pod)) == "the pod train-x ended with exit code 7: the last line"
    )
    pod.status.container_statuses[0].name = "sidecar"
    assert terminated(pod) is None
    silent = pod_that_ended("  ", code=7)
    assert str(error_of_pod(folder, context, of_airflow(), silent)).endswith("exit code 7: it left no message")


def disrupted(pod, kind, reason, message, status="True"):
    pod.status.conditions = [
        k8s.V1PodCondition(type="Ready", status="False", reason="PodFailed"),
        k8s.V1PodCondition(type=kind, status=status, reason=reason, message=message),
    ]
    return pod


@pytest.mark.parametrize("code", [137, 143, 2])
@pytest.mark.parametrize(
    ("kind", "reason", "message"),
    [
        (
            "DisruptionTarget",
            "PreemptionByScheduler",
            "default-scheduler: preempting to accommodate a higher priority pod",
        ),
        ("DisruptionTarget", "TerminationByKubelet", "The node was low on resource: memory."),
        ("DisruptionTarget", "EvictionByEvictionAPI", None),
        ("TerminationTarget", "WorkloadEvictedDueToPreempted", "Preempted to accommodate a workload"),
    ],
)
def test_a_pod_that_was_evicted_or_preempted_is_tried_again(folder, context, code, kind, reason, message):
    pod = disrupted(pod_that_ended(code=code), kind, reason, message)
    gone = refusal(404, 'pods "train-x" not found')
    for error in (of_airflow(), gone):
        shown = error_of_pod(folder, context, error, pod)
        assert str(shown).startswith(f"the pod train-x was evicted or preempted: {reason}")
        assert (message or "") in str(shown)
        assert not isinstance(shown, AirflowFailException)


def test_a_disruption_that_did_not_come_is_no_reason(folder, context):
    pod = disrupted(
        pod_that_ended("maestro: no such option", 2), "DisruptionTarget", "PreemptionByScheduler", "", "False"
    )
    shown = error_of_pod(folder, context, of_airflow(), pod)
    assert "exit code 2" in str(shown)
    assert isinstance(shown, AirflowFailException)


def test_the_steps_own_error_counts_more_than_the_disruption_that_followed(folder, context, tmp_path):
    log = tmp_path / "termination-log"
    log.write_text("")
    leave_failure(folder, RequestError("no column 'x'"), log)
    pod = disrupted(pod_that_ended(code=2), "DisruptionTarget", "EvictionByEvictionAPI", "")
    assert str(error_of_pod(folder, context, of_airflow(), pod)) == "no column 'x'"


@pytest.mark.parametrize(
    ("pod", "words", "again"),
    [
        (pod_that_ended(reason="OOMKilled", code=137), "needs more memory than its limit of 3Gi", True),
        (
            pod_that_ended("Traceback ...\nModuleNotFoundError: No module named 'acme'", 1),
            "No module named 'acme'",
            True,
        ),
        (pod_that_ended("maestro: no such option", 2), "exit code 2: maestro: no such option", False),
        (pod_that_ended(code=143), "exit code 143: it left no message", True),
        (
            pod_that_ended('exec: "maestro": executable file not found', 128, "StartError"),
            '"maestro": executable',
            True,
        ),
        (pod_that_ended(code=137, pod_reason="Evicted"), "the pod train-x failed: Evicted", True),
        (pod_that_ended(code=143, pod_reason="Preempting"), "the pod train-x failed: Preempting", True),
    ],
)
def test_a_pod_that_left_no_error_says_how_it_ended(folder, context, pod, words, again):
    shown = error_of_pod(folder, context, of_airflow(), pod)
    assert words in str(shown)
    assert len(str(shown).splitlines()) == 1
    assert isinstance(shown, AirflowFailException) != again


@pytest.mark.parametrize(
    ("status", "message", "again"),
    [
        (403, 'pods "train-x" is forbidden: error looking up service account t/x: serviceaccount "x" not found', False),
        (403, 'pods "train-x" is forbidden: exceeded quota: training, requested: limits.memory=3Gi', True),
        (404, 'namespaces "training" not found', False),
        (404, 'pods "train-x" not found', True),
        (422, 'Pod "train-x" is invalid: spec.containers[0].image: Required value', False),
        (500, "etcdserver: request timed out", True),
    ],
)
def test_a_pod_that_kubernetes_refuses_says_why_in_its_words(folder, context, status, message, again):
    shown = error_of_pod(folder, context, refusal(status, message))
    assert str(shown) == f"Kubernetes refuses: {message}"
    assert isinstance(shown, AirflowFailException) != again


def test_the_reason_is_found_behind_what_airflow_raises_while_it_clears_up(folder, context):
    try:
        try:
            raise PodLaunchFailedException("Image cannot be pulled, unable to start: ErrImagePull\nnot found")
        finally:
            raise of_airflow()
    except AirflowException as error:
        shown = error_of_pod(folder, context, error)
    assert str(shown) == "Image cannot be pulled, unable to start: ErrImagePull not found"


def test_without_any_reason_only_airflows_first_line_remains(folder, context):
    assert str(error_of_pod(folder, context, of_airflow())) == "Pod train-x returned a failure."
