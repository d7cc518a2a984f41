"""The restricted pod security standard (kubernetes.io, "Pod Security Standards"), and what we ask beyond it."""

import copy

import pytest
from pod_security import tokens, violations

# Programs that write beside their volumes, with the reason.
WRITES_TO_ITS_ROOT: dict[str, str] = {}


def test_every_container_is_restricted(manifests):
    assert len(manifests.containers) >= 15
    assert {c.name: v for c in manifests.containers if (v := violations(c))} == {}


@pytest.mark.parametrize("field", ["allowPrivilegeEscalation", "capabilities"])
def test_a_container_that_is_not_restricted_is_found(minikube, field):
    container = copy.deepcopy(minikube.containers[0])
    del container.spec["securityContext"][field]
    assert violations(container)


def test_root_filesystems_are_read_only(manifests):
    writable = {
        c.name for c in manifests.containers if not (c.spec.get("securityContext") or {}).get("readOnlyRootFilesystem")
    }
    assert writable == set(WRITES_TO_ITS_ROOT)


def test_every_container_has_requests_and_limits(manifests):
    missing = {
        f"{c.name} {kind}.{resource}"
        for c in manifests.containers
        for kind in ("requests", "limits")
        for resource in ("cpu", "memory")
        if not (c.spec.get("resources") or {}).get(kind, {}).get(resource)
    }
    assert missing == set()


def test_on_a_laptop_no_pod_has_a_token(minikube):
    assert tokens(minikube) == set()


def test_in_production_only_what_starts_or_watches_pods_has_a_token(prod):
    assert tokens(prod) == {
        "Deployment/maestro-airflow-worker-general",
        "Deployment/maestro-airflow-worker-heavy",
        "Deployment/maestro-airflow-triggerer",
        # It looks whether a task may.
        "Pod/maestro-test-doctor",
    }


def test_no_pod_has_the_addresses_of_all_services_as_variables(manifests):
    """Kubernetes would add MAESTRO_POSTGRES_PORT=tcp://... and the like, and programs read variables of such names."""
    assert {
        owner for owner, pod in manifests.pods.items() if pod["spec"].get("enableServiceLinks") is not False
    } == set()


def test_images_are_pinned(manifests):
    loose = {
        c.spec["image"]
        for c in manifests.containers
        if ":" not in c.spec["image"].rsplit("/", 1)[-1] or c.spec["image"].endswith(":latest")
    }
    assert loose == set()
