"""The restricted pod security standard (kubernetes.io, "Pod Security Standards"), and what we ask beyond it."""

import copy

import pytest

# Programs that write beside their volumes, with the reason.
WRITES_TO_ITS_ROOT: dict[str, str] = {}


def violations(container) -> list[str]:
    pod, own = container.pod.get("securityContext") or {}, container.spec.get("securityContext") or {}
    effective = {**pod, **own}
    checks = {
        "runAsNonRoot": effective.get("runAsNonRoot") is True,
        "runAsUser": effective.get("runAsUser", 1) != 0,
        "seccompProfile": effective.get("seccompProfile", {}).get("type") in {"RuntimeDefault", "Localhost"},
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
        "capabilities.drop": "ALL" in own.get("capabilities", {}).get("drop", []),
        "capabilities.add": not set(own.get("capabilities", {}).get("add", [])) - {"NET_BIND_SERVICE"},
        "privileged": not own.get("privileged"),
        "host namespaces": not any(container.pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")),
        "volumes": not any("hostPath" in volume for volume in container.pod.get("volumes") or []),
        "hostPort": not any(port.get("hostPort") for port in container.spec.get("ports") or []),
    }
    return [name for name, held in checks.items() if not held]


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


def tokens(manifests) -> set[str]:
    accounts = {
        d["metadata"]["name"]: d.get("automountServiceAccountToken", True) for d in manifests.of("ServiceAccount")
    }
    return {
        owner
        for owner, pod in manifests.pods.items()
        if pod["spec"].get("automountServiceAccountToken", accounts.get(pod["spec"].get("serviceAccountName"), True))
    }


def test_on_a_laptop_no_pod_has_a_token(minikube):
    assert tokens(minikube) == set()


def test_in_production_only_what_starts_or_watches_pods_has_a_token(prod):
    assert tokens(prod) == {
        "Deployment/maestro-airflow-worker-general",
        "Deployment/maestro-airflow-worker-heavy",
        "Deployment/maestro-airflow-triggerer",
    }


def test_images_are_pinned(manifests):
    loose = {
        c.spec["image"]
        for c in manifests.containers
        if ":" not in c.spec["image"].rsplit("/", 1)[-1] or c.spec["image"].endswith(":latest")
    }
    assert loose == set()
