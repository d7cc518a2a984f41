"""Probes as rendered, and the containers that need one."""

# These start the whole of Airflow or Celery: 6 CPU-seconds, once a minute, in every pod.
EXPENSIVE = ("airflow jobs check", "celery --app", "inspect ping", "/entrypoint")


LONG_RUNNING = {"Deployment", "StatefulSet", "DaemonSet"}


def probes(container) -> dict[str, dict]:
    return {
        kind: container.spec[kind]
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        if kind in container.spec
    }


def long_running(manifests):
    return [c for c in manifests.containers if not c.init and c.owner.split("/")[0] in LONG_RUNNING]


def expensive(container) -> list[str]:
    commands = [" ".join(probe["exec"]["command"]) for probe in probes(container).values() if "exec" in probe]
    return [command for command in commands if any(word in command for word in EXPENSIVE)]
