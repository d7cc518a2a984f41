"""Run the fuzz targets for some minutes: `python -m fuzzing --minutes 15 [--only parquet]`.

Each target has a process of its own, so that a crash of a reader is seen; what it was reading is printed then.
"""

import argparse
import faulthandler
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module

from hypothesis import HealthCheck, Phase, given, seed, settings

TARGETS = ("parquet", "csv_files", "sqlite", "project_files")
_AT_ONCE = 200  # examples between two looks at the clock
_HANGS = 900  # seconds for a batch, shrinking included; after them it hangs


def examples_of(name: str, how: settings) -> Callable[[], None]:
    """Return a function that runs a target's check on generated examples; anew for each seed."""
    target = import_module(f"fuzzing.{name}")
    return how(given(*target.EXAMPLES)(target.check))  # type: ignore[no-any-return]


def run_target(name: str, seconds: float, first_seed: int) -> int:
    """Fuzz one target until the time is over; returns how many examples ran."""
    quiet = settings(
        max_examples=_AT_ONCE,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    ends, number = time.monotonic() + seconds, first_seed
    while time.monotonic() < ends:
        faulthandler.dump_traceback_later(_HANGS, exit=True)
        seed(number)(examples_of(name, quiet))()
        number += 1
    faulthandler.cancel_dump_traceback_later()
    return (number - first_seed) * _AT_ONCE


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--only", choices=TARGETS)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    names = [asked.only] if asked.only else list(TARGETS)
    seconds = asked.minutes * 60 / len(names)
    if asked.inside:
        print(f"{asked.only}: {run_target(asked.only, seconds, asked.seed):,} examples, nothing found", flush=True)
        return 0
    failed = []
    for name in names:
        options = ["--only", name, "--minutes", str(seconds / 60), "--seed", str(asked.seed), "--inside"]
        code = subprocess.call([sys.executable, "-X", "faulthandler", "-m", "fuzzing", *options])
        if code:
            print(f"{name}: failed (exit code {code}; seed {asked.seed})", flush=True)
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
