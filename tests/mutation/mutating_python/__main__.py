"""Make deliberate mistakes in a copy of the package and say which of them its tests notice.

    python -m mutating_python --minutes 15 [--seed 7] [--file 'checks/*'] [--kind comparison]

Tests that run the changed line are tried first, then the others. Files take turns, so that a small one counts as much
as a large one. A mistake that changes nothing anybody can see stands in equivalent_python.yaml with the reason, and is
left out.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from functools import cache
from itertools import zip_longest
from pathlib import Path

import pytest
import yaml

from mutating_python.operators import Mistake, applied, mistakes
from mutating_python.reach import Reach, Recorder, lines_run_with, read_reach
from mutating_python.targets import SOURCE, TARGETS

ROOT = Path(__file__).parents[3]
EQUIVALENT = Path(__file__).parents[1] / "equivalent_python.yaml"
COPIED = ("src", "tests", "pyproject.toml", "docs", "ci", "README.md", "Makefile")
LONGEST = (
    3600  # seconds for the tests of one mistake: the time says little on a busy machine, the CPU's limit ends most
)
HEAVY = "pytest hypothesis pandas numpy pyarrow.parquet duckdb sqlalchemy pydantic scipy.stats sqlglot jsonschema"


def main() -> int:
    """Try mistakes until the time is up, and print those that no test noticed."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the copy is removed
    sample = _sample(options)
    copy = Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        _copy_to(copy)
        return _try(sample, copy, options.minutes)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutating_python")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--file", default="*", help="only these modules, such as 'checks/*'")
    parser.add_argument("--kind", help="only mistakes of this kind")
    return parser.parse_args()


def _sample(options: argparse.Namespace) -> list[tuple[str, Mistake, tuple[str, ...]]]:
    """Return all mistakes in the order they are tried."""
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    shuffled = random.Random(seed)
    known = {(each["file"], each["before"], each["after"]) for each in yaml.safe_load(EQUIVALENT.read_text()) or ()}
    by_file = []
    for pattern, tests in TARGETS.items():
        for path in sorted((ROOT / SOURCE).glob(pattern)):
            name, source = str(path.relative_to(ROOT / SOURCE)), path.read_text()
            found = [each for each in mistakes(source) if options.kind in (None, each.kind)]
            found = [each for each in found if (name, *_lines(source, each)) not in known]
            shuffled.shuffle(found)
            if fnmatch(name, options.file):
                by_file.append([(name, each, tests) for each in found])
    shuffled.shuffle(by_file)
    return [each for turn in zip_longest(*by_file) for each in turn if each]


def _copy_to(folder: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*cache"))
        else:
            shutil.copy(source, folder / name)
    os.chdir(folder)
    sys.path[:] = [str(folder / "src"), *(path for path in sys.path if path != str(ROOT / "src"))]
    temporary = folder / "tmp"  # so that what a test leaves behind when it is killed goes with the copy
    temporary.mkdir()
    os.environ.update(PYTHONPATH=str(folder / "src"), PYTHONDONTWRITEBYTECODE="1", TMPDIR=str(temporary))
    tempfile.tempdir = None
    sys.dont_write_bytecode = True
    for name in HEAVY.split():  # once, not in every process that tries a mistake
        __import__(name)


def _try(sample: list[tuple[str, Mistake, tuple[str, ...]]], copy: Path, minutes: float) -> int:
    end, counts, missed = time.monotonic() + 60 * minutes, Counter[str](), []
    reach_of = cache(lambda tests: _reach(tests, copy))
    for name, mistake, tests in sample:
        if time.monotonic() > end:
            break
        path = copy / SOURCE / name
        source = path.read_text()
        before, after = _lines(source, mistake)
        first, last = (source.encode()[:offset].count(b"\n") + 1 for offset in (mistake.start, mistake.end))
        reach = reach_of(tests)
        reaching = reach.tests_of(name, lines_run_with(source, first, last))
        path.write_text(applied(source, mistake))
        try:
            noticed = bool(reaching) and _is_noticed(reaching, copy, reach.cpu_seconds)
            others = [*tests, *(f"--deselect={test}" for test in reaching)]
            noticed = noticed or _is_noticed(others, copy, reach.cpu_seconds)
        finally:
            path.write_text(source)
        counts["noticed" if noticed else "missed"] += 1
        message = f"{mistake.kind:<11} {name}:{first}  {before}  ->  {after}"
        print(f"{'noticed' if noticed else 'MISSED ':<8}{message}", flush=True)
        missed += [] if noticed else [message]
    tried = sum(counts.values())
    print(f"\n{counts['noticed']} of {tried} mistakes noticed ({100 * counts['noticed'] / max(1, tried):.0f} %)")
    print(*missed, sep="\n")
    return 1 if missed else 0


def _reach(tests: tuple[str, ...], copy: Path) -> Reach:
    """Run the tests without a mistake; they must pass."""
    output = copy / "reach.json"
    if _is_noticed(tests, copy, resource.RLIM_INFINITY, lambda: [Recorder(copy / SOURCE, output)]):
        print((copy / "output.txt").read_text()[-3000:], file=sys.stderr)
        sys.exit(f"These tests fail without any mistake: {' '.join(tests)}")
    return read_reach(output)


def _is_noticed(
    arguments: Sequence[str], copy: Path, cpu_seconds: int, plugins: Callable[[], list[object]] = list
) -> bool:
    """Run the tests in a process of their own that has the libraries already. One that never ends has noticed it."""
    child = os.fork()
    if child == 0:
        _run(arguments, copy, cpu_seconds, plugins())
    begin = time.monotonic()
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) not in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
        if time.monotonic() - begin > LONGEST:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return True
        time.sleep(0.05)


def _run(arguments: Sequence[str], copy: Path, cpu_seconds: int, plugins: list[object]) -> None:
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    output = os.open(copy / "output.txt", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    code = 1
    try:
        options = ["-x", "-q", "-p", "no:cacheprovider", f"--timeout={LONGEST}"]
        code = int(pytest.main([*options, *arguments], plugins))
    finally:
        os._exit(code)


def _lines(source: str, mistake: Mistake) -> tuple[str, str]:
    """Return the line of the mistake before and after."""
    data = source.encode()
    first, last = data.rfind(b"\n", 0, mistake.start) + 1, data.find(b"\n", mistake.end)
    changed = applied(source, mistake).encode()
    after = changed[first : len(changed) - (len(data) - last)] if last >= 0 else changed[first:]
    before = data[first : last if last >= 0 else None]
    return " ".join(before.decode().split()), " ".join(after.decode().split())


if __name__ == "__main__":
    sys.exit(main())
