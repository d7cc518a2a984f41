"""Make deliberate mistakes in a copy of the package and say which of them its tests notice.

    python -m mutating_python --minutes 15 [--seed 7] [--file 'checks/*'] [--kind comparison]

The tests that run the changed line are tried, the quickest first; all of them where it runs before any test, as the
lines of a class do. Files take turns, so that a small one counts as much as a large one. A mistake that changes nothing
anybody can see stands in equivalent_python.yaml with the reason, and is left out.
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
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from itertools import zip_longest
from pathlib import Path

import pytest
import yaml

from mutating_python.operators import Mistake, applied, extent, mistakes
from mutating_python.reach import First, Hasty, Reach, read_reach
from mutating_python.targets import SOURCE, TARGETS
from mutating_python.warm import LONGEST, NOTICED, UNKNOWN, Trial, Warm, ended

ROOT = Path(__file__).parents[3]
EQUIVALENT = Path(__file__).parents[1] / "equivalent_python.yaml"
COPIED = ("src", "tests", "pyproject.toml", "docs", "ci", "charts", "README.md", "Makefile")
TURN = 12  # mistakes of one part before the next has its turn
HEAVY = "pytest hypothesis pandas numpy pyarrow.parquet duckdb pydantic yaml"


def main() -> int:
    """Try mistakes until the time is up, and print those that no test noticed."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the copy is removed
    sample = _sample(options)
    copy = Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        _copy_to(copy)
        return _try(sample, copy, time.monotonic() + 60 * options.minutes, lines=not options.all_tests)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutating_python")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--count", type=int, default=TURN, help="mistakes of each part")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--file", default="*", help="only these modules, such as 'checks/*' or 'metrics/* core/*'")
    parser.add_argument("--kind", help="only mistakes of this kind")
    parser.add_argument("--all-tests", action="store_true", help="try all tests, which is cheaper where they are quick")
    return parser.parse_args()


def _sample(options: argparse.Namespace) -> list[tuple[tuple[str, ...], list[tuple[str, Mistake]]]]:
    """Return the parts in the order of their turns: their tests, and their mistakes as they are tried."""
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    known = {(each["file"], each["before"], each["after"]) for each in yaml.safe_load(EQUIVALENT.read_text()) or ()}
    by_tests = defaultdict[tuple[str, ...], list[list[tuple[str, Mistake]]]](list)
    for pattern, tests in TARGETS.items():
        for path in sorted((ROOT / SOURCE).glob(pattern)):
            name, source = str(path.relative_to(ROOT / SOURCE)), path.read_text()
            if not any(fnmatch(name, pattern) for pattern in options.file.split()):
                continue
            found = [each for each in mistakes(source) if options.kind in (None, each.kind)]
            found = [each for each in found if (name, *_lines(source, each)) not in known]
            random.Random(f"{seed} {name}").shuffle(found)  # the same whichever other files are wanted
            by_tests[tests].append([(name, each) for each in found])
    parts = []
    for tests, by_file in by_tests.items():
        random.Random(f"{seed} {tests}").shuffle(by_file)
        parts.append((tests, [each for turn in zip_longest(*by_file) for each in turn if each][: options.count]))
    random.Random(seed).shuffle(parts)
    return parts


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


def _try(parts: list[tuple[tuple[str, ...], list[tuple[str, Mistake]]]], copy: Path, end: float, *, lines: bool) -> int:
    counts, missed = Counter[bool](), []
    for tests, chosen in parts:
        if time.monotonic() > end:
            break
        print(f"\n{' '.join(tests)}", flush=True)
        trials = [Trial(name, copy / SOURCE / name, mistake) for name, mistake in chosen]
        for place, noticed in _tried(tests, trials, copy, end, lines=lines):
            first, _ = extent(trials[place].path.read_text(), trials[place].mistake)
            before, after = _lines(trials[place].path.read_text(), trials[place].mistake)
            message = f"{trials[place].mistake.kind:<11} {trials[place].file}:{first}  {before}  ->  {after}"
            print(f"{'noticed' if noticed else 'MISSED ':<8}{message}", flush=True)
            counts[noticed] += 1
            missed += [] if noticed else [message]
    tried = counts.total()
    print(f"\n{counts[True]} of {tried} mistakes noticed ({100 * counts[True] / max(1, tried):.0f} %)")
    print(*missed, sep="\n")
    return 1 if missed else 0


def _tried(
    tests: tuple[str, ...], trials: list[Trial], copy: Path, end: float, *, lines: bool
) -> Iterator[tuple[int, bool]]:
    """Yield the place of each mistake, and whether it was noticed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(tests, copy, Warm(copy / SOURCE, copy / "reach.json", trials, end, writing, lines=lines))
    os.close(writing)
    cold = []
    with os.fdopen(reading) as answers:
        for answer in answers:
            place, found = map(int, answer.split())
            if found == UNKNOWN:
                cold.append(place)
            else:
                yield place, found == NOTICED
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        print((copy / "output.txt").read_text()[-3000:], file=sys.stderr)
        sys.exit(f"These tests fail without any mistake: {' '.join(tests)}")
    reach = read_reach(copy / "reach.json")
    for place in cold:
        if time.monotonic() < end:
            yield place, _is_noticed(tests, trials[place], reach, copy)


def _is_noticed(tests: tuple[str, ...], trial: Trial, reach: Reach, copy: Path) -> bool:
    """Run the tests in a new session, those first that run a line of the module. One that never ends has noticed it."""
    source = trial.path.read_text()
    trial.path.write_text(applied(source, trial.mistake))
    try:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CPU, (reach.cpu_seconds, reach.cpu_seconds))
            _run(tests, copy, First(reach.tests_of_file(trial.file)))
        return ended(child, LONGEST) not in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
    finally:
        trial.path.write_text(source)


def _run(paths: Sequence[str], copy: Path, plugin: object) -> None:
    output = os.open(copy / "output.txt", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    code = 1
    try:
        options = ["-x", "-q", "-p", "no:cacheprovider", "--timeout=3600"]
        code = int(pytest.main([*options, *paths], [Hasty(), plugin]))
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
