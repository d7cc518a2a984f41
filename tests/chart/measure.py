"""Counts what docs/chart-comparison.md compares, in any rendered chart.

helm template r CHART > one.yaml; helm template r CHART > two.yaml
python tests/chart/measure.py one.yaml two.yaml
"""

import sys
from pathlib import Path

from manifests import Manifests, load
from test_probes import expensive, long_running
from test_security import tokens, violations


def measure(manifests: Manifests, again: Manifests) -> dict[str, str]:
    """Figures by what they count; `again` is a second render of the same values."""
    containers = manifests.containers
    total = len(containers)
    resources = [
        c for c in containers if all((c.spec.get("resources") or {}).get(kind) for kind in ("requests", "limits"))
    ]
    read_only = [c for c in containers if (c.spec.get("securityContext") or {}).get("readOnlyRootFilesystem")]
    hooks = [d for d in manifests if d["metadata"].get("annotations", {}).get("helm.sh/hook", "test") != "test"]
    tests = [
        d
        for d in manifests
        if d["metadata"].get("annotations", {}).get("helm.sh/hook") == "test" and d["kind"] == "Pod"
    ]
    secrets = manifests.of("Secret")
    heavy = [c for c in containers if expensive(c)]
    return {
        "objects": str(len(manifests)),
        "containers that meet the restricted standard": f"{sum(not violations(c) for c in containers)} of {total}",
        "containers with requests and limits": f"{len(resources)} of {total}",
        "containers with a read-only root filesystem": f"{len(read_only)} of {total}",
        "pods with a service account token": f"{len(tokens(manifests))} of {len(manifests.pods)}",
        "containers whose probe starts Airflow or Celery": f"{len(heavy)} of {len(long_running(manifests))}",
        "objects that differ between two renders": str(sum(a != b for a, b in zip(manifests, again, strict=True))),
        "Secrets rendered from values": str(len(secrets)),
        "NetworkPolicies": str(len(manifests.of("NetworkPolicy"))),
        "PodDisruptionBudgets": str(len(manifests.of("PodDisruptionBudget"))),
        "install and upgrade hooks": str(len(hooks)),
        "`helm test` pods": str(len(tests)),
    }


if __name__ == "__main__":
    first, second = (load(Path(path).read_text()) for path in sys.argv[1:3])
    for name, figure in measure(first, second).items():
        print(f"{name}: {figure}")
