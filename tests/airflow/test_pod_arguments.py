"""What Airflow's operator is given for a step, whole, and what it deletes when the task is killed."""

from types import SimpleNamespace

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

from maestro_ml.airflow.pods import MaestroPodOperator, pod_arguments


def project(**settings: object) -> SimpleNamespace:
    """A project whose pods have these settings."""
    asked: list[tuple[str, str]] = []

    def pod_of(step: str, target: str) -> SimpleNamespace:
        asked.append((step, target))
        return SimpleNamespace(**{"queue": None, "schedule_timeout_seconds": None, **settings})

    execution = SimpleNamespace(namespace="training", startup_timeout_seconds=600)
    return SimpleNamespace(execution=execution, pod_of=pod_of, asked=asked)


@pytest.mark.parametrize(
    ("settings", "waits"),
    [
        ({}, 600),
        ({"queue": "night"}, 30 * 24 * 3600),
        ({"schedule_timeout_seconds": 78}, 78),
        ({"queue": "night", "schedule_timeout_seconds": 78}, 78),
    ],
)
def test_every_argument(settings: dict[str, object], waits: int) -> None:
    declared = project(**settings)
    assert pod_arguments(declared, "train", "first") == {
        "namespace": "training",
        "startup_timeout_seconds": 600,
        "schedule_timeout_seconds": waits,
        "durable": True,
        "do_xcom_push": False,
        "get_logs": True,
        "log_events_on_failure": True,
        "termination_message_policy": "FallbackToLogsOnError",
        "log_pod_spec_on_failure": False,
        "on_finish_action": "delete_pod",
    }
    assert declared.asked == [("train", "first")]


@pytest.mark.parametrize("has_resource", [True, False])
def test_a_task_that_is_killed_deletes_its_pod_and_its_resource(
    has_resource: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []
    monkeypatch.setattr(KubernetesPodOperator, "on_kill", lambda self: deleted.append("pod"))
    resource = SimpleNamespace(delete=lambda: deleted.append("resource"))
    task = object.__new__(MaestroPodOperator)
    object.__setattr__(task, "custom_resource", resource if has_resource else None)
    task.on_kill()
    assert deleted == ["pod", *(["resource"] if has_resource else [])]
