"""How long it takes from an empty folder and a public table to a judged model: `make first-projects`."""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "starting"))

from public_tables import TABLES

BAR = 120  # seconds of processor time: what else runs on the machine does not count
_VERDICT = re.compile(r"version 1 is now 'staging'|not registered: .*")


def main() -> int:
    """Try each table, and return 1 if one took too long or came to no decision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", default=list(TABLES))
    failed = 0
    for name in parser.parse_args().tables:
        with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
            data = TABLES[name](Path(scratch))
            command = [sys.executable, "-c", "from maestro_ml.cli import main; main()"]
            began, before = time.perf_counter(), _processor_seconds()
            done = subprocess.run(
                [*command, "init", "first", "--data", data, "--yes"],
                cwd=scratch,
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            seconds, used = time.perf_counter() - began, _processor_seconds() - before
        verdict = _VERDICT.search(done.stderr)
        good = verdict is not None and used < BAR
        failed += not good
        shown = verdict[0] if verdict else f"exit code {done.returncode}: {done.stderr.strip()[-600:]}"
        print(
            f"{'met ' if good else 'MISS'} {name:14} {used:6.1f} s of processor time ({seconds:.0f} s in all)  {shown}",
            flush=True,
        )
    return 1 if failed else 0


def _processor_seconds() -> float:
    """Return what the processes that were started and have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
