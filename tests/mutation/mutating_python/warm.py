"""One test session that stays: it runs the tests once, and then tries each mistake in a fork of itself.

A fork has every library, module and test already. The mistake is put into the functions that exist: only their code is
replaced. What cannot be changed that way, such as the fields of a class, is left to a new session.
"""

import ast
import gc
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from mutating_python.operators import Mistake, applied
from mutating_python.reach import Recorder, lines_of, read_reach

PACKAGE = "maestro_ml"
NOTICED, MISSED, UNKNOWN = 1, 4, 3
LONGEST = 600  # seconds for one mistake: the time says little on a busy machine, the CPU's limit ends most


@dataclass(frozen=True)
class Trial:
    """A mistake to try.

    Attributes:
        file: the module, below the package.
        path: the module in the copy.
        mistake: what is changed.
    """

    file: str
    path: Path
    mistake: Mistake


class Warm:
    """A pytest plugin in whose session mistakes are tried. It writes the place of each, and what came of it.

    Args:
        package: where the package is.
        output: what the tests reach is written there.
        trials: the mistakes.
        end: of the time for them.
        answers: a file descriptor.
        lines: find out which tests run which lines; if not, each mistake is tried on all tests, the quickest first.
    """

    def __init__(
        self, package: Path, output: Path, trials: list[Trial], end: float, answers: int, *, lines: bool = True
    ) -> None:
        self._recorder, self._output = Recorder(package, output, lines=lines), output
        self._trials, self._end, self._answers = trials, end, answers

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests, then some of them for each mistake."""
        session.config.pluginmanager.register(self._recorder)
        _run(session, session.items)
        session.config.pluginmanager.unregister(self._recorder)
        self._recorder.write()
        if session.testsfailed:
            return True
        reach, by_id = read_reach(self._output), {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        for place, trial in enumerate(self._trials):
            if time.monotonic() > self._end:
                break
            tests = reach.tests_of(trial.file, lines_of(trial.path.read_text(), trial.mistake))
            items = [by_id[test] for test in tests or reach.tests_of_file(trial.file)]
            limit = round(5 + 3 * sum(reach.seconds[item.nodeid] for item in items))  # what goes on longer never ends
            found = _found(session, items, trial, limit) if items else UNKNOWN
            os.write(self._answers, f"{place} {found}\n".encode())
        return True


def _run(session: pytest.Session, items: list[pytest.Item]) -> None:
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return


def _found(session: pytest.Session, items: list[pytest.Item], trial: Trial, cpu_seconds: int) -> int:
    child = os.fork()
    if child == 0:
        _try(session, items, trial, cpu_seconds)
    code = ended(child, LONGEST)
    return code if code in (MISSED, UNKNOWN) else NOTICED


def ended(child: int, seconds: float) -> int:
    """Return a process's exit code; after too long it is killed with all it started."""
    begin = time.monotonic()
    while True:
        process, status = os.waitpid(child, os.WNOHANG)
        if process:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() - begin > seconds:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return UNKNOWN
        time.sleep(0.01)


def _try(session: pytest.Session, items: list[pytest.Item], trial: Trial, cpu_seconds: int) -> None:
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    code = NOTICED
    try:
        missed = _make(trial)
        if missed is None:
            os._exit(UNKNOWN)
        for item in items:
            item._initrequest()  # type: ignore[attr-defined]
        _run(session, items)
        code = NOTICED if session.testsfailed else missed
    finally:
        os._exit(code)


def _make(trial: Trial) -> int | None:
    """Put the mistake into this process, and return what it means that no test fails; None if it cannot be made here.

    Others may have taken a constant of the module before it was changed: then only a new session shows.
    """
    source = trial.path.read_text()
    after = applied(source, trial.mistake)
    codes = (compile(each, str(trial.path), "exec", dont_inherit=True) for each in (source, after))
    changed: dict[CodeType, CodeType] = {}
    if not _compare(*codes, changed):
        return UNKNOWN if _make_constant(trial, after) else None
    gc.unfreeze()
    made = False
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and (code := changed.get(each.__code__)):
            try:
                each.__code__ = code
            except ValueError:  # it has other free variables
                return None
            made = True
    return MISSED if made else None


def _compare(before: CodeType, after: CodeType, changed: dict[CodeType, CodeType]) -> bool:
    """Collect the functions that differ, and return whether nothing else of these codes does."""
    olds, news = ([each for each in code.co_consts if isinstance(each, CodeType)] for code in (before, after))
    if len(olds) != len(news):
        return False
    pairs = [(old, new) for old, new in zip(olds, news, strict=True) if old != new]
    if before.co_flags & CO_OPTIMIZED:
        changed[before] = after
        return True
    return len(pairs) == 1 and all(_compare(old, new, changed) for old, new in pairs) and _same(before, after)


def _same(before: CodeType, after: CodeType) -> bool:
    """Return whether two bodies of classes or modules do the same, except for the functions they define."""
    constants = ([each for each in code.co_consts if not isinstance(each, CodeType)] for code in (before, after))
    old, new = constants
    return before.co_code == after.co_code and old == new and before.co_names == after.co_names


def _make_constant(trial: Trial, after: str) -> bool:
    """Change what a name of the module stands for, if that is where the mistake is."""
    for old, new in zip(ast.parse(trial.path.read_text()).body, ast.parse(after).body, strict=False):
        if ast.dump(old) != ast.dump(new):
            name = trial.file.removesuffix(".py").replace("/", ".")
            module = sys.modules.get(f"{PACKAGE}.{name}")
            if module and isinstance(new, ast.Assign | ast.AnnAssign) and new.value:
                exec(compile(ast.Module([new], []), str(trial.path), "exec"), vars(module))
                return True
    return False
