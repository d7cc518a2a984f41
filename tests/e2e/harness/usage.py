"""Memory of every container while something goes on, as the kubelets count it."""

import json
import re
import threading
from collections import defaultdict

from harness.kubectl import run

MIB = 2**20
# What a ReplicaSet, a Job, a StatefulSet or a task adds to a pod's name.
HASHES = r"(-[0-9a-f]{8,10})?(-[a-z0-9]{5}|-[a-z0-9]{8}|-[0-9]+)$"


class MemoryPeaks:
    """Samples the working sets of the namespaces' containers, in MiB by (pod, container)."""

    def __init__(self, namespaces: set[str], every: float = 5) -> None:
        self._namespaces, self._every = namespaces, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.peaks: dict[tuple[str, str], float] = defaultdict(float)
        self.first: dict[tuple[str, str], float] = {}
        self.last: dict[tuple[str, str], float] = {}

    def __enter__(self) -> "MemoryPeaks":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            for node in run(["kubectl", "get", "nodes", "--output", "name"], check=False).split():
                self._read(node.removeprefix("node/"))
            if self._stop.wait(self._every):
                return

    def _read(self, node: str) -> None:
        answer = run(["kubectl", "get", "--raw", f"/api/v1/nodes/{node}/proxy/stats/summary"], check=False)
        for pod in json.loads(answer or '{"pods": []}')["pods"]:
            if pod["podRef"]["namespace"] not in self._namespaces:
                continue
            for container in pod.get("containers", []):
                key = (pod["podRef"]["name"], container["name"])
                used = container.get("memory", {}).get("workingSetBytes", 0) / MIB
                self.peaks[key] = max(self.peaks[key], used)
                self.first.setdefault(key, used)
                self.last[key] = used


def by_component(peaks: dict[tuple[str, str], float], release: str) -> dict[str, float]:
    """Return peaks by what the pod is, without the parts of its name that change; the largest of several pods."""
    found: dict[str, float] = defaultdict(float)
    for (pod, container), peak in peaks.items():
        name = f"{re.sub(HASHES, '', pod).removeprefix(release + '-')} / {container}"
        found[name] = max(found[name], peak)
    return dict(sorted(found.items()))
