"""Runs of single suites: in a process of their own, or in a fork of this one."""

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

_LONGEST = 900  # seconds for one suite; a mistake that hangs it is noticed
_HEAVY = (
    "airflow.configuration",
    "airflow.providers.celery.get_provider_info",
    "kombu.transport.redis",
    "kubernetes_validate",
)


def fails(tree: Path, command: list[str]) -> bool:
    """Run a command in the tree."""
    try:
        return subprocess.run(command, cwd=tree, capture_output=True, timeout=_LONGEST, check=False).returncode != 0
    except subprocess.TimeoutExpired:
        return True


@dataclass(eq=False)
class Run:
    """One run of pytest: with renders that are there already, and without the tests that need any other process."""

    tree: Path
    arguments: list[str]
    renders: dict[tuple[str, ...], str]
    only_known: bool = False

    def __post_init__(self) -> None:
        self.failed = ""  # the first test that failed
        self.left_out: list[str] = []  # tests that would have started something

    def start_nothing_known(self) -> None:
        """Answer Helm's command lines from the renders; skip a test that starts anything else, if so wished."""
        import pytest

        run, popen = subprocess.run, subprocess.Popen
        known = self.renders

        def answered(command: Any, *args: Any, **options: Any) -> Any:
            key = tuple(map(str, command)) if isinstance(command, list | tuple) else None
            if key in known:
                return subprocess.CompletedProcess(command, 0, known[key], "")
            if self.only_known:
                pytest.skip("starts something")
            return run(command, *args, **options)

        subprocess.run = answered  # type: ignore[assignment]
        if self.only_known:

            class Skipping(popen):  # type: ignore[misc, type-arg, valid-type]
                def __init__(self, *args: Any, **options: Any) -> None:
                    pytest.skip("starts something")

            subprocess.Popen = Skipping  # type: ignore[misc, assignment]

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.skipped:
            self.left_out.append(report.nodeid)
        if report.failed:
            self.failed = self.failed or report.nodeid


def pytest_fails(run: Run) -> bool:
    """Run pytest in a fork of this process, which has imported what the tests import: seconds less for each mistake."""
    import pytest

    for module in _HEAVY:
        import_module(module)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(_LONGEST)
        os.chdir(run.tree)
        quiet = os.open(os.environ.get("MUTATING_OUTPUT", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = 1
        try:
            run.start_nothing_known()
            arguments = ["-q", "-x", "-p", "no:cacheprovider", "--rootdir", str(run.tree), *run.arguments]
            code = int(pytest.main(arguments, plugins=[run]))
            os.write(writing, json.dumps([run.failed, run.left_out]).encode())
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as answer:
        if text := answer.read():
            run.failed, run.left_out = json.loads(text)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test that hung left behind
    return ended not in (0, 5)  # 5: no test was left
