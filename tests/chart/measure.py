"""Counts what docs/chart-comparison.md compares, in any rendered chart.

helm template r CHART > one.yaml; helm template r CHART > two.yaml
python tests/chart/measure.py one.yaml two.yaml
python tests/chart/measure.py --write      this chart's column, into the page (part of `make chart-reference`)
"""

import re
import sys
from pathlib import Path

from manifests import Manifests, load
from pod_security import tokens, violations
from rendered_probes import expensive, long_running

PAGE = Path(__file__).parents[2] / "docs/chart-comparison.md"


def measure(manifests: Manifests, again: Manifests) -> dict[str, str]:
    """Return figures by what they count; `again` is a second render of the same values."""
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
    restricted = sum(not violations(c) for c in containers)
    heavy = [c for c in containers if expensive(c)]
    return {
        "objects": str(len(manifests)),
        "containers that meet the restricted pod security standard": f"{restricted} of {total}",
        "containers with requests and limits": f"{len(resources)} of {total}",
        "containers with a read-only root filesystem": f"{len(read_only)} of {total}",
        "pods with a service account token": f"{len(tokens(manifests))} of {len(manifests.pods)}",
        "containers whose probe starts Airflow or Celery": f"{len(heavy)} of {len(long_running(manifests))}",
        "objects that differ between two renders of the same values": str(
            sum(a != b for a, b in zip(manifests, again, strict=True))
        ),
        "Secrets rendered from values": str(len(secrets)),
        "NetworkPolicies": str(len(manifests.of("NetworkPolicy"))),
        "PodDisruptionBudgets": str(len(manifests.of("PodDisruptionBudget"))),
        "install and upgrade hooks": str(len(hooks)),
        "`helm test` pods": str(len(tests)),
    }


def page() -> str:
    """Return the comparison with this chart's figures as they are now."""
    from composition import ENVIRONMENTS, helm_template

    def both(environment: str) -> tuple[Manifests, Manifests]:
        files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
        first, second = (load(helm_template(*files).stdout) for _ in range(2))
        return first, second

    text = PAGE.read_text()
    for name, figure in measure(*both("prod")).items():
        # The first row of this name: a later table compares features.
        text = re.sub(rf"^\| {re.escape(name)} \|[^|]*\|", f"| {name} | {figure} |", text, count=1, flags=re.MULTILINE)
    laptop, _ = both("minikube")
    restricted = sum(not violations(c) for c in laptop.containers)
    said = (
        f"{restricted} of {len(laptop.containers)} containers restricted, {len(tokens(laptop)) or 'none'} of "
        f"{len(laptop.pods)} pods\nwith a token."
    )
    return re.sub(r"\d+ of \d+ containers restricted, \w+ of \d+ pods\s+with a token\.", said, text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(page())
    else:
        first, second = (load(Path(path).read_text()) for path in sys.argv[1:3])
        for name, figure in measure(first, second).items():
            print(f"{name}: {figure}")
