"""Which files a container has: of its image, of its volumes."""

import re
from collections.abc import Iterator

from manifests import Container, Manifests

# What the images bring; everything else a container names must be mounted.
OF_THE_IMAGE = re.compile(r"/(clean-logs|entrypoint|dev/null|opt/maestro/probes/(heartbeat|celery_queues)\.py)$")
# Addresses of HTTP, not files.
ADDRESS = re.compile(r"https?://\S+|\S+://\S*|localhost:\S*")
PATH = re.compile(r"(?<![\w.$})/*-])/[a-zA-Z][\w.-]*(?:/[\w.-]+)*")


def mount_of(container: Container, path: str) -> dict | None:
    """Return the mount a path lies in: the deepest one."""
    mounts = [
        mount
        for mount in container.spec.get("volumeMounts") or []
        if f"{path}/".startswith(mount["mountPath"].rstrip("/") + "/")
    ]
    return max(mounts, key=lambda mount: len(mount["mountPath"]), default=None)


def volume(container: Container, name: str) -> dict:
    return next((v for v in container.pod.get("volumes") or [] if v["name"] == name), {})


def texts(container: Container) -> Iterator[str]:
    """Return the commands of a container, its probes and its variables."""
    spec = container.spec
    yield from (str(part) for part in [*(spec.get("command") or []), *(spec.get("args") or [])])
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        yield from spec.get(probe, {}).get("exec", {}).get("command", [])
    yield from (variable["value"] for variable in spec.get("env") or [] if isinstance(variable.get("value"), str))


def files_named(container: Container) -> set[str]:
    return {path for text in texts(container) for path in PATH.findall(ADDRESS.sub("", text))}


def keys_of(volume: dict, manifests: Manifests) -> set[str] | None:
    """Return file names in a volume made of a Secret or ConfigMap; None where they are not known."""
    source = volume.get("secret") or volume.get("configMap")
    if not source:
        return None
    if items := source.get("items"):
        return {item["path"] for item in items}
    if "secret" in volume:
        return None
    return set(manifests.named("ConfigMap", source["name"]).get("data") or {})


def missing_files(container: Container, manifests: Manifests, paths: set[str]) -> set[str]:
    """Return paths a container names that neither its image nor a volume has."""
    lost = set()
    for path in paths:
        mount = mount_of(container, path)
        if not mount:
            if not OF_THE_IMAGE.match(path):
                lost.add(path)
            continue
        keys = keys_of(volume(container, mount["name"]), manifests)
        inside = path.removeprefix(mount["mountPath"].rstrip("/")).strip("/")
        if keys is not None and inside and not mount.get("subPath") and inside not in keys:
            lost.add(path)
    return lost
