"""kubectl, as the cluster of KUBECONFIG sees it."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


class CommandFailed(AssertionError):
    """A program ended with an error: the command and what it wrote."""


def run(command: Sequence[str], *, input: str | None = None, timeout: float = 900, check: bool = True) -> str:
    """Run a program and return its standard output.

    Raises:
        CommandFailed: it ended with an error, and `check` is on.
    """
    done = subprocess.run(command, input=input, capture_output=True, text=True, timeout=timeout, check=False)
    if check and done.returncode:
        raise CommandFailed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Kubectl:
    """kubectl in one namespace."""

    namespace: str

    def __call__(self, *words: str, input: str | None = None, timeout: float = 900, check: bool = True) -> str:
        return run(["kubectl", "--namespace", self.namespace, *words], input=input, timeout=timeout, check=check)

    def get(self, *words: str) -> dict[str, Any]:
        """Run `kubectl get` and return the document."""
        return dict(json.loads(self("get", *words, "--output", "json")))

    def items(self, *words: str) -> list[dict[str, Any]]:
        return list(self.get(*words)["items"])

    def pods(self, selector: str = "") -> list[dict[str, Any]]:
        """Return pods that are not on their way out."""
        found = self.items("pods", *(["--selector", selector] if selector else []))
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def apply(self, *documents: dict[str, Any]) -> None:
        body = {"apiVersion": "v1", "kind": "List", "items": list(documents)}
        self("apply", "--filename", "-", input=json.dumps(body))

    def secret(self, name: str) -> dict[str, str]:
        import base64

        data = self.get("secret", name).get("data", {})
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def exec(self, target: str, *command: str, container: str = "", timeout: float = 300, check: bool = True) -> str:
        where = ["--container", container] if container else []
        return self("exec", target, *where, "--", *command, timeout=timeout, check=check)

    def warnings(self) -> list[dict[str, Any]]:
        return self.items("events", "--field-selector", "type=Warning")


def wait_until(condition: Callable[[], Any], what: str, *, seconds: float = 300, every: float = 2) -> Any:
    """Wait for a true value and return it.

    Raises:
        AssertionError: it did not come in time; the last exception is the cause.
    """
    deadline, problem = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            if value := condition():
                return value
            problem = None
        except Exception as error:  # the cluster is being broken on purpose: ask again
            problem = error
        time.sleep(every)
    raise AssertionError(f"{what} did not happen in {seconds:.0f} s") from problem
