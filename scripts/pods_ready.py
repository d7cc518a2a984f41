"""Are all pods of a release ready, or done where they are Jobs? Reads `kubectl get pods -o json` documents."""

import json
import sys
from pathlib import Path

documents = [json.loads(Path(file).read_text()) for file in sys.argv[1:]]
pods = {pod["metadata"]["name"]: pod["status"] for document in documents for pod in document["items"]}
waiting, restarts = [], 0
for name, status in pods.items():
    containers = status.get("containerStatuses", [])
    restarts += sum(container["restartCount"] for container in containers)
    if status["phase"] != "Succeeded" and not (containers and all(container["ready"] for container in containers)):
        waiting.append(f"{name} ({status['phase']})")
if not pods or waiting:
    sys.exit(f"not ready: {', '.join(waiting)}" if pods else "no pod of this release")
print(f"{len(pods)} ready, {restarts} restarts")
