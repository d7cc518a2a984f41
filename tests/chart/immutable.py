"""Fields that Kubernetes refuses to change in an upgrade, read from a render.

python tests/chart/immutable.py      writes fixtures/immutable.json: at a release, when UPGRADE.md says what changed
"""

import hashlib
import json
from pathlib import Path

from composition import ENVIRONMENTS, loaded
from manifests import Manifests, identity

FIXTURE = Path(__file__).parent / "fixtures/immutable.json"


def immutable(document: dict) -> dict | None:
    """Return the fields of one object that must stay.

    None where all may change or the object is made anew each time.
    """
    spec = document.get("spec") or {}
    kept: dict | None = None
    match document["kind"]:
        case "Deployment":
            kept = {"selector": spec["selector"]}
        case "StatefulSet":
            claims = [
                {"name": c["metadata"]["name"], "spec": c["spec"]} for c in spec.get("volumeClaimTemplates") or []
            ]
            kept = {"selector": spec["selector"], "serviceName": spec["serviceName"], "claims": claims}
        case "PersistentVolumeClaim":
            # A claim may grow, nothing else.
            kept = {key: value for key, value in spec.items() if key != "resources"}
        case "RoleBinding" | "ClusterRoleBinding":
            kept = {"roleRef": document["roleRef"]}
        case "Job":
            # All of its spec: an upgrade may change a deadline, but the Job that ran out of it would not run again.
            kept = {"spec": hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()}
        case "Service":
            kept = {"headless": spec.get("clusterIP") == "None"}
    return kept


def fields(manifests: Manifests) -> dict[str, dict]:
    return {identity(document): kept for document in manifests if (kept := immutable(document)) is not None}


if __name__ == "__main__":
    FIXTURE.parent.mkdir(exist_ok=True)
    FIXTURE.write_text(
        json.dumps({name: fields(loaded(name)) for name in sorted(ENVIRONMENTS)}, indent=1, sort_keys=True) + "\n"
    )
