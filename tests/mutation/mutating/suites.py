"""The suites that could notice a mistake, the quick ones first."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

_LONGEST = 600  # seconds for one suite; a mistake that hangs it is noticed
# Ask many questions of two renders: most mistakes end here.
_QUICK = ("agreements", "files", "references", "security", "probes", "scaling", "schemas", "logs")
# Starts a real server and Airflow; a mistake in a template cannot reach it.
_SLOW = "tests/chart/test_probe_scripts.py"


def _suites(tree: Path, file: str | None) -> Iterator[tuple[str, list[str]]]:
    tests = [".venv/bin/python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    subchart = "/".join(file.split("/")[:2]) if file and file.startswith("charts/") else ""
    for values in (["values/minikube.yaml"], ["values/prod.yaml", "ci/prod-values.yaml"]):
        yield (
            f"render with {values[0]}",
            [".tools/helm", "template", "r", ".", *(f"--values={path}" for path in values)],
        )
    if subchart and any(tree.glob(f"{subchart}/tests/*_test.yaml")):
        yield "unit suite of the subchart", [".tools/helm-unittest", subchart]
    quick = [path for name in _QUICK if (tree / (path := f"tests/chart/test_{name}.py")).exists()]
    yield "composition", [*tests, *quick]
    if subchart and any(tree.glob(f"{subchart}/tests/test_*.py")):
        yield "tests of the subchart", [*tests, subchart]
    yield "unit suite of the umbrella", [".tools/helm-unittest", "-f", "tests/chart/unit/*_test.yaml", "."]
    yield "tests/chart", [*tests, "tests/chart", *(f"--ignore={path}" for path in (_SLOW, *quick))]


def noticed_by(tree: Path, file: str | None) -> str:
    """The first suite that fails; empty when none does."""
    for name, command in _suites(tree, file):
        try:
            done = subprocess.run(command, cwd=tree, capture_output=True, timeout=_LONGEST, check=False)
        except subprocess.TimeoutExpired:
            return f"{name} hung"
        if done.returncode:
            return name
    return ""
