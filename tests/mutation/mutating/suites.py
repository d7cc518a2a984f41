"""The suites that could notice a mistake, the quick ones first."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

_LONGEST = 900  # seconds for one suite; a mistake that hangs it is noticed
# Ask many questions of two renders: most mistakes end here.
_QUICK = (
    "agreements",
    "selectors",
    "rights",
    "files",
    "references",
    "security",
    "probes",
    "scaling",
    "schemas",
    "logs",
    "settings",
    "bounds",
    "reachability",
    "metadata",
    "tls_values",
    "defaults",
)
# Render dozens of times.
_SLOW = ("every_value", "upgrade", "refusals", "empty_values")
# What scripts do is tested with the scripts, and what comes from outside (a registry, a document) is no template.
_NEVER = [
    f"tests/chart/test_{name}.py"
    for name in (
        "worker_probe",
        "heartbeat_probe",
        "prod_secrets",
        "setup_script",
        "lock",
        "passwords",
        "mlflow_login",
        "documents",
    )
]
# One version of Kubernetes says as much as three, and who makes generated files anew does not see that they were stale.
_ASKED = "not 1.30 and not 1.33 and not comments_say"
_FEW_UNITS = 4
_RENDERS = (["values/minikube.yaml"], ["values/prod.yaml", "ci/prod-values.yaml"])

_HEAVY = (
    "airflow.configuration",
    "airflow.providers.celery.get_provider_info",
    "kombu.transport.redis",
    "kubernetes_validate",
)

# As tests/chart/conftest.py does: Helm ends before it matters.
os.environ.setdefault("GOGC", "800")

Suite = Callable[[], bool]  # whether it fails


def _fails(tree: Path, command: list[str]) -> bool:
    try:
        return subprocess.run(command, cwd=tree, capture_output=True, timeout=_LONGEST, check=False).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def _fails_here(tree: Path, arguments: list[str]) -> bool:
    """Run pytest in a fork of this process, which has imported what the tests import: seconds less for each mistake."""
    import pytest

    for module in _HEAVY:
        import_module(module)
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(_LONGEST)
        os.chdir(tree)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = 1
        try:
            code = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "--rootdir", str(tree), *arguments]))
        finally:
            os._exit(code)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test that hung left behind
    return ended != 0


def _unit_files(tree: Path, file: str | None) -> list[str]:
    """The unit suites of the umbrella that render this template; all of them where any may."""
    suites = sorted((tree / "tests/chart/unit").glob("*_test.yaml"))
    if file and file.startswith("templates/") and file.endswith(".yaml"):
        suites = [path for path in suites if file in path.read_text()]
    return [str(path.relative_to(tree)) for path in suites]


def _with_unit_suites(tree: Path, subchart: str) -> list[str]:
    """The subcharts whose unit suites render this one: itself, or all of them where it is the library of all."""
    having = sorted({str(path.parents[1].relative_to(tree)) for path in tree.glob("charts/*/tests/*_test.yaml")})
    return [name for name in having if name == subchart] or (having if subchart else [])


def _naming(tree: Path, file: str) -> list[str]:
    """The Python tests that could run a script: those of its chart, and those that name it."""
    tests = [*tree.glob("charts/*/tests/test_*.py"), *tree.glob("tests/chart/test_*.py")]
    name = Path(file).name
    own = tree / Path(file).parent.parent / "tests"
    found = [
        path for path in sorted(tests) if path.parent == own or re.search(rf"\b{re.escape(name)}\b", path.read_text())
    ]
    return [str(path.relative_to(tree)) for path in found]


def _of_script(tree: Path, file: str, run: Callable[..., Suite]) -> Iterator[tuple[str, Suite]]:
    if file.endswith(".sh"):
        yield "syntax", run(["bash", "-n", file])
    if naming := _naming(tree, file):
        yield "tests of the script", partial(_fails_here, tree, naming)


def _suites(tree: Path, file: str | None, *, quick: bool) -> Iterator[tuple[str, Suite]]:
    run = partial(partial, _fails, tree)
    if file and file.endswith((".sh", ".py")):
        yield from _of_script(tree, file, run)
        return
    subchart = "/".join(file.split("/")[:2]) if file and file.startswith("charts/") else ""
    for values in _RENDERS:
        yield "render", run([".tools/helm", "template", "r", ".", *(f"--values={path}" for path in values)])
    if subcharts := _with_unit_suites(tree, subchart):
        yield "unit suite of the subchart", run([".tools/helm-unittest", *subcharts])
    asked = [path for name in _QUICK if (tree / (path := f"tests/chart/test_{name}.py")).exists()]
    last = [("composition", partial(_fails_here, tree, [*asked, "-k", _ASKED]))]
    if units := _unit_files(tree, file):
        flags = [part for unit in units for part in ("-f", unit)]
        # A few of them take a second; all of them longer than the composition.
        last.insert(len(units) > _FEW_UNITS, ("unit suite", run([".tools/helm-unittest", *flags, "."])))
    yield from last
    if quick:
        return
    if subchart and any(tree.glob(f"{subchart}/tests/test_*.py")):
        yield "tests of the subchart", partial(_fails_here, tree, [subchart])
    slow = [path for name in _SLOW if (tree / (path := f"tests/chart/test_{name}.py")).exists()]
    others = ["tests/chart", *(f"--ignore={path}" for path in (*_NEVER, *slow, *asked))]
    yield "tests/chart", partial(_fails_here, tree, [*others, "-k", _ASKED])
    yield "slow tests", partial(_fails_here, tree, slow)


def noticed_by(tree: Path, file: str | None, *, quick: bool) -> str:
    """The first suite that fails; empty when none does."""
    return next((name for name, fails in _suites(tree, file, quick=quick) if fails()), "")
