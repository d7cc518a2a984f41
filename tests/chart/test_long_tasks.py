"""Redis hands a task that is not acknowledged to a second worker: not before the longest of ours has ended."""

import json
import uuid

import pytest
from manifests import Manifests
from rendered_settings import airflow_config

HALF_AN_HOUR, A_DAY = 1801, 86_400


def broker_options(manifests: Manifests) -> dict:
    """Return what Airflow reads from its configuration, as it reads it: numbers where they are some."""
    options = airflow_config(manifests)["celery_broker_transport_options"]
    return {key: json.loads(value) for key, value in options.items()}


def longest(manifests: Manifests) -> int:
    """Return seconds that a worker may take to end its tasks."""
    workers = [d for d in manifests.of("Deployment", "StatefulSet") if "-worker-" in d["metadata"]["name"]]
    return max(d["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] for d in workers)


@pytest.fixture
def handed_out_again(redis_port, monkeypatch):
    """Provide whether a second worker is given the task that a first one has been running for some seconds."""
    import kombu
    import kombu.transport.redis as transport

    def asked(seconds: float, options: dict) -> bool:
        url, name = f"redis://127.0.0.1:{redis_port}/7", uuid.uuid4().hex
        with kombu.Connection(url, transport_options=options) as first, first.SimpleQueue(name) as queue:
            queue.put({"task": "long"})
            assert queue.get(timeout=120).payload == {"task": "long"}  # and no acknowledgement until it ends
            started = transport.time()
            with kombu.Connection(url, transport_options=options) as second, second.SimpleQueue(name) as other:
                with monkeypatch.context() as later:
                    later.setattr(transport, "time", lambda: started + seconds)
                    other.channel.qos.restore_visible(interval=1)
                try:
                    again = other.get(timeout=0.2)
                except other.Empty:
                    return False
                again.ack()
                return True

    return asked


def test_a_worker_acknowledges_a_task_when_it_has_ended(prod):
    from airflow.providers.celery.get_provider_info import get_provider_info

    usual = get_provider_info()["config"]["celery"]["options"]["task_acks_late"]["default"]
    assert airflow_config(prod)["celery"].get("task_acks_late", usual) == "True"


@pytest.mark.parametrize("seconds", [60, HALF_AN_HOUR, "the longest that a worker may take"])
def test_a_long_task_is_run_once(prod, handed_out_again, seconds):
    lasts = seconds if isinstance(seconds, int) else longest(prod)
    assert handed_out_again(lasts, broker_options(prod)) is False


def test_a_task_whose_worker_is_gone_is_not_lost(prod, handed_out_again):
    assert handed_out_again(A_DAY + 1, broker_options(prod)) is True


def test_with_celerys_own_limit_of_an_hour_it_would_be_run_twice(handed_out_again):
    assert handed_out_again(3601, {"visibility_timeout": 3600}) is True
