"""Runs of suites in a process of their own, and of tests in a fork of a session that has collected them."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable
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
class Renders:
    """What Helm's command lines answer, and the objects in it: those of documents seen before are parsed already."""

    texts: dict[tuple[str, ...], str]
    parsed: dict[str, list[Any]]  # by the document's text

    def objects(self, text: str) -> Any:
        from manifests import Manifests, load

        found = Manifests()
        for document in text.split("\n---\n"):
            if document not in self.parsed:
                self.parsed[document] = list(load(document))
            found += self.parsed[document]
        return found


class Session:
    """Tests that were collected once. Each run of some of them is a fork: neither Python nor pytest starts again."""

    def __init__(self, items: list[Any]) -> None:
        self._items = {item.nodeid: item for item in items}
        self.names = list(self._items)

    def first_failure(self, names: list[str], renders: Renders, *, only_known: bool = False) -> tuple[str, list[str]]:
        """The first of the tests that fails, if any, and those that were left out: they start something unknown."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            signal.alarm(_LONGEST)
            try:
                _start_nothing_known(renders, only_known=only_known)
                answer = self._run(names)
                os.write(writing, json.dumps(answer).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as stream:
            text = stream.read()
        os.waitpid(child, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what a test that hung left behind
        failed, left_out = json.loads(text) if text else (" ".join(names[:3]), [])
        return str(failed), list(left_out)

    def _run(self, names: list[str]) -> tuple[str, list[str]]:
        from _pytest.runner import runtestprotocol

        items = [self._items[name] for name in names]
        left_out = []
        for item, following in zip(items, [*items[1:], None], strict=True):
            reports = runtestprotocol(item, nextitem=following, log=False)
            if any(report.failed for report in reports):
                return item.nodeid, left_out
            if any(report.skipped for report in reports):
                left_out.append(item.nodeid)
        return "", left_out


def _start_nothing_known(renders: Renders, *, only_known: bool) -> None:
    """Answer Helm's command lines from the renders; skip a test that starts anything else, if so wished."""
    import composition
    import pytest

    run, popen = subprocess.run, subprocess.Popen

    def answered(command: Any, *args: Any, **options: Any) -> Any:
        key = tuple(map(str, command)) if isinstance(command, list | tuple) else None
        if key in renders.texts:
            return subprocess.CompletedProcess(command, 0, renders.texts[key], "")
        if only_known:
            pytest.skip("starts something")
        return run(command, *args, **options)

    subprocess.run = answered  # type: ignore[assignment]
    if only_known:

        class Skipping(popen):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                pytest.skip("starts something")

        subprocess.Popen = Skipping  # type: ignore[misc]
    load, known = composition.load, set(renders.texts.values())
    composition.load = lambda text: renders.objects(text) if text in known else load(text)


def with_session(tree: Path, arguments: list[str], work: Callable[[Session], int]) -> int:
    """Collect tests, and hand them to `work`; return what it returns."""
    import pytest

    for module in _HEAVY:
        import_module(module)
    answers: list[int] = []

    class Collected:
        def pytest_runtestloop(self, session: Any) -> bool:
            answers.append(work(Session(session.items)))
            return True

    pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(tree), *arguments], plugins=[Collected()])
    return answers[0] if answers else 2
