"""How long a pod may wait for what it needs before its task gives it up; Kubernetes is a server on loopback."""

import asyncio
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes import client
from kubernetes.client import models as k8s

from maestro_ml.airflow import pod_start
from maestro_ml.airflow.pod_errors import PodCannotStart, error_of_pod
from maestro_ml.airflow.pod_start import PatientPodManager, is_creating, missing_in, missing_volume
from maestro_ml.steps.step_folder import StepFolder


def event(reason, message):
    involved = {"kind": "Pod", "name": "train-x", "namespace": "training"}
    return {"metadata": {"name": reason}, "involvedObject": involved, "reason": reason, "message": message}


@pytest.fixture
def waiting_pod():
    """Provide a client of a Kubernetes whose pod waits, and what it waits for, which a test may change."""
    events = []
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "maestro-environment" not found'}
    conditions = [{"type": "PodScheduled", "status": "True"}]

    class Kubernetes(BaseHTTPRequestHandler):
        def do_GET(self):
            if "/events" in self.path:
                return self.answer({"metadata": {}, "items": events})
            status = {"name": "base", "image": "i", "imageID": "i", "ready": False, "restartCount": 0}
            state = {"waiting": waiting} if waiting else {"running": {}}
            body = {
                "metadata": {"name": "train-x", "namespace": "training"},
                "spec": {"containers": [{"name": "base"}]},
                "status": {
                    "phase": "Pending" if waiting else "Running",
                    "conditions": conditions,
                    "containerStatuses": [{**status, "state": state}],
                },
            }
            return self.answer(body)

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Kubernetes)
    Thread(target=server.serve_forever, daemon=True).start()
    configuration = client.Configuration(host=f"http://127.0.0.1:{server.server_port}")
    yield client.CoreV1Api(client.ApiClient(configuration)), waiting, events
    server.shutdown()
    server.server_close()


POD = k8s.V1Pod(metadata=k8s.V1ObjectMeta(name="train-x", namespace="training"))


def test_a_pod_whose_secret_is_missing_is_given_up_with_the_secrets_name(waiting_pod, monkeypatch):
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(PodCannotStart) as raised:
        asyncio.run(PatientPodManager(waiting_pod[0]).await_pod_start(POD, 60, 60, 0.1))
    assert time.monotonic() - began >= 0.5
    shown = error_of_pod(StepFolder("/nowhere/a/b", "train"), {"ti": SimpleNamespace(start_date=None)}, raised.value)
    assert isinstance(shown, AirflowFailException)
    assert str(shown) == 'the pod train-x in training cannot start: secret "maestro-environment" not found'


def test_a_pod_whose_secret_comes_in_time_starts(waiting_pod, monkeypatch):
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 30)
    api, waiting, _ = waiting_pod
    waiting.clear()
    asyncio.run(PatientPodManager(api).await_pod_start(POD, 60, 60, 0.1))


def test_a_pod_that_waits_for_something_usual_is_waited_for(waiting_pod, monkeypatch):
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 0)
    api, waiting, _ = waiting_pod
    waiting["reason"], waiting["message"] = "ContainerCreating", ""
    with pytest.raises(AirflowException, match="took too long to start"):
        asyncio.run(PatientPodManager(api).await_pod_start(POD, 1, 1, 0.1))


def test_a_pod_whose_volume_is_missing_is_given_up_with_its_name(waiting_pod, monkeypatch):
    monkeypatch.setattr(pod_start, "PATIENCE_SECONDS", 0.5)
    api, waiting, events = waiting_pod
    waiting["reason"], waiting["message"] = "ContainerCreating", ""
    message = 'MountVolume.SetUp failed for volume "ca-bundle" : configmap "authorities" not found'
    events += [event("Scheduled", "assigned"), event("FailedMount", message), event("FailedMount", "timed out")]
    with pytest.raises(PodCannotStart, match='configmap "authorities" not found'):
        asyncio.run(PatientPodManager(api).await_pod_start(POD, 60, 60, 0.1))


def pod_with(*states):
    statuses = [
        k8s.V1ContainerStatus(name=f"c{n}", image="i", image_id="i", ready=False, restart_count=0, state=state)
        for n, state in enumerate(states)
    ]
    return k8s.V1Pod(status=k8s.V1PodStatus(container_statuses=statuses or None))


def waits(reason, message=None):
    return k8s.V1ContainerState(waiting=k8s.V1ContainerStateWaiting(reason=reason, message=message))


RUNS = k8s.V1ContainerState(running=k8s.V1ContainerStateRunning())


@pytest.mark.parametrize(
    ("states", "missing", "creating"),
    [
        ((), None, False),
        ((None,), None, False),
        ((RUNS,), None, False),
        ((RUNS, waits("ContainerCreating", "soon")), None, True),
        ((waits("ImagePullBackOff", "no image"),), None, False),
        ((RUNS, waits("CreateContainerConfigError", 'secret "a" not found')), 'secret "a" not found', False),
        ((waits("CreateContainerError", "no key b"), waits("CreateContainerConfigError", "c")), "no key b", False),
        ((waits("CreateContainerError"),), "CreateContainerError", False),
    ],
)
def test_what_each_container_waits_for(states, missing, creating):
    assert (missing_in(pod_with(*states)), is_creating(pod_with(*states))) == (missing, creating)


def test_the_last_event_about_a_volume_says_what_is_missing():
    first, second = 'configmap "a" not found', "references non-existent secret key: b"
    seen = [("FailedMount", first), ("FailedMount", second), ("FailedMount", "timed out"), ("Failed", "c not found")]
    events = [SimpleNamespace(reason=reason, message=message) for reason, message in seen]
    assert missing_volume(events) == second
    assert missing_volume([events[0], *events[2:]]) == first
    assert missing_volume(events[2:]) is None


def test_a_secret_may_be_late_but_not_by_a_minute():
    assert 10 <= pod_start.PATIENCE_SECONDS < 50
