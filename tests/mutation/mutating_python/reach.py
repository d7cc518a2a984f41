"""Which tests run which lines: a mistake in a line is tried on these tests first, since most mistakes end there."""

import ast
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from hypothesis import Phase, settings

from mutating_python.operators import Mistake, extent

_CALLS = 30  # of a function in one test; later ones are not followed, which would take long


@dataclass
class Reach:
    """What one run of some tests without any mistake shows.

    Attributes:
        seconds: how much CPU time each test took, by its id.
        cpu_seconds: what no run of these tests needs unless a mistake makes it go on for ever.
        lines: the tests that ran a line, by file and line.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    cpu_seconds: int = 0

    def tests_of_file(self, file: str) -> list[str]:
        """Return the tests that ran any line of a file, or all where that is not known; the quickest first."""
        if not self.lines:
            return sorted(self.seconds, key=lambda test: (self.seconds[test], test))
        return self.tests_of(file, frozenset(self.lines.get(file, {})))

    def tests_of(self, file: str, lines: frozenset[int]) -> list[str]:
        """Return the tests that ran one of the lines, the quickest first."""
        found = {test for line in lines for test in self.lines.get(file, {}).get(line, ())}
        return sorted(found, key=lambda test: (self.seconds[test], test))


class Recorder:
    """A pytest plugin that times each test and follows the package's lines in it, and writes what it saw to a file."""

    def __init__(self, package: Path, output: Path, *, lines: bool = True) -> None:
        self._package, self._output, self._follows = f"{package}{os.sep}", output, lines
        self._seen: set[tuple[str, int]] = set()
        self._calls = Counter[CodeType]()
        self._seconds: dict[str, float] = {}
        self._lines: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Follow one test with its fixtures."""
        self._seen, begin = set(), time.process_time()
        self._calls.clear()
        if self._follows:
            sys.settrace(self._call)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self._seconds[item.nodeid] = time.process_time() - begin
            for file, line in self._seen:
                self._lines[file][line].append(item.nodeid)

    def write(self) -> None:
        """Write what was seen."""
        cpu_seconds = 20 + 2 * round(time.process_time())
        self._output.write_text(json.dumps([self._seconds, self._lines, cpu_seconds]))

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(self._package):
            return None
        self._calls[frame.f_code] += 1
        return self._line if self._calls[frame.f_code] <= _CALLS else None

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line" and frame.f_code.co_name not in ("<module>", "<class>"):
            self._seen.add((frame.f_code.co_filename.removeprefix(self._package), frame.f_lineno))
        return self._line


class Hasty:
    """A pytest plugin: property-based tests try few examples, the same every time, and look for no smaller one."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Change the settings after the tests' own, and before tests are defined."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("hasty", deadline=None, max_examples=25, derandomize=True, phases=phases)
        settings.load_profile("hasty")


class First:
    """A pytest plugin that runs these tests before all others."""

    def __init__(self, tests: list[str]) -> None:
        self._place = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort them."""
        items.sort(key=lambda item: self._place.get(item.nodeid, len(self._place)))


def read_reach(file: Path) -> Reach:
    """Return what a Recorder wrote."""
    seconds, by_file, cpu_seconds = json.loads(file.read_text())
    lines = {name: {int(line): tests for line, tests in each.items()} for name, each in by_file.items()}
    return Reach(seconds, lines, cpu_seconds)


def lines_of(source: str, mistake: Mistake) -> frozenset[int]:
    """Return the lines of the innermost statement that holds a mistake, without those of its body."""
    first, last = extent(source, mistake)
    found = range(first, last + 1)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= first and last <= node.end_lineno:
            end = node.body[0].lineno - 1 if getattr(node, "body", None) else node.end_lineno
            if end >= last:
                found = range(node.lineno, end + 1)
    return frozenset(found)
