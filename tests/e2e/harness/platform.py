"""The ways Maestro is installed here. Two cores hold one at a time: asking for one takes the other away."""

import json
import os
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.kubectl import run
from harness.object_store import ObjectStore
from harness.release import NAME, ROOT, Release

HERE = Path(__file__).parents[1]
VALUES = ROOT / "values"
STANDINS = (HERE / "values" / "standins.yaml",) if os.environ.get("E2E_STANDINS") else ()

MINIKUBE = Release("maestro-e2e", (VALUES / "minikube.yaml",), ("maestro-development", "admin-password"))
PODS = Release("maestro-e2e", (*MINIKUBE.values, HERE / "values" / "pods.yaml"), MINIKUBE.admin)
CELERY = Release(
    "maestro-e2e-celery",
    (VALUES / "prod.yaml", ROOT / "ci" / "prod-values.yaml", HERE / "values" / "celery.yaml", *STANDINS),
    ("maestro-admin", "admin-password"),
)
# Which values a namespace's release was installed with.
ANNOTATION = "e2e/values"


def _nothing() -> None:
    pass


class Platform:
    """Which release is installed, and what it needs beside it."""

    def __init__(self) -> None:
        self.store = ObjectStore()
        # What the last installation was like, for the test that judges it.
        self.seconds = 0.0

    def use(
        self, release: Release, before: Callable[[], None] = _nothing, after: Callable[[], None] = _nothing
    ) -> Release:
        """Use the release as it stands where it is there already, or install it from nothing."""
        for other in (MINIKUBE, CELERY):
            if other.namespace != release.namespace and _exists(other):
                self.remove(other)
        if release.status == "deployed" and _installed(release) == _stem(release):
            return release
        if release.status not in {"deployed", "failed"}:
            self.remove(release)
        release.prepare()
        before()
        self.seconds = release.install()
        after()
        release.kubectl("annotate", "namespace", release.namespace, f"{ANNOTATION}={_stem(release)}", "--overwrite")
        return release

    def remove(self, release: Release) -> None:
        release.uninstall()
        recycle()

    def minikube(self) -> Release:
        """Install values/minikube.yaml, as it is."""
        return self.use(MINIKUBE)

    def pods(self) -> Release:
        """Return the minikube values with training pods and a bucket, upgraded from the minikube values."""
        self._fill_store()
        if PODS.status != "deployed":
            self.minikube()
        return self.use(PODS, self._secret_of_pods, lambda: _copy("e2e-environment", PODS))

    def celery(self) -> Release:
        """Install values/prod.yaml, cut down."""
        self._fill_store()
        return self.use(CELERY, self._secrets_of_celery, lambda: None)

    def _fill_store(self) -> None:
        self.store.start()
        self.store.fill()

    def _secret_of_pods(self) -> None:
        development = PODS.kubectl.secret("maestro-development-environment")
        PODS.kubectl.apply(_secret("e2e-environment", development | self.store.credentials()))

    def _secrets_of_celery(self) -> None:
        """Make the Secrets; those that are there keep their passwords, and get what is new."""
        keys = self.store.credentials()
        manifest = run(
            [
                str(ROOT / "ci" / "prod-secrets"),
                *("--namespace", CELERY.namespace, "--release", NAME, "--s3-endpoint", keys["AWS_ENDPOINT_URL"]),
                *("--s3-key", keys["AWS_ACCESS_KEY_ID"], "--s3-secret", keys["AWS_SECRET_ACCESS_KEY"]),
            ]
        )
        # As documented: before the install, and twice.
        for _ in range(2):
            run(["kubectl", "apply", "--filename", "-"], input=manifest)
        if not CELERY.kubectl("get", "secret", "e2e-viewer", "--ignore-not-found"):
            CELERY.kubectl.apply(_secret("e2e-viewer", {"password": secrets.token_urlsafe(16)}))


def recycle() -> None:
    """Run E2E_RECYCLE, a command that offers static volumes again, where a cluster needs it."""
    if command := os.environ.get("E2E_RECYCLE"):
        subprocess.run(command, shell=True, check=True)


def _secret(name: str, data: dict[str, str]) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def _stem(release: Release) -> str:
    return "-".join(file.stem for file in release.values)


def _copy(name: str, release: Release) -> None:
    """Copy a Secret of the release's namespace into the training namespace, which the chart made."""
    release.training.apply(_secret(name, release.kubectl.secret(name)))


def _exists(release: Release) -> bool:
    return bool(run(["kubectl", "get", "namespace", release.namespace, "--ignore-not-found"]))


def _installed(release: Release) -> str:
    document = json.loads(run(["kubectl", "get", "namespace", release.namespace, "--output", "json"]))
    return str(document["metadata"].get("annotations", {}).get(ANNOTATION))
