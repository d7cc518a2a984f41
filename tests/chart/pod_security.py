"""The restricted pod security standard, and which pods have a token."""


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


def tokens(manifests) -> set[str]:
    accounts = {
        d["metadata"]["name"]: d.get("automountServiceAccountToken", True) for d in manifests.of("ServiceAccount")
    }
    return {
        owner
        for owner, pod in manifests.pods.items()
        if pod["spec"].get("automountServiceAccountToken", accounts.get(pod["spec"].get("serviceAccountName"), True))
    }
