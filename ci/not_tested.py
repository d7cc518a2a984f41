"""What a run of the tests could not test: a pytest plugin that notes it, and the line that `make test` ends with.

pytest -p not_tested      notes why tests were skipped, in the file that NOT_TESTED names
ci/not_tested.py FOLDER   prints one line about the notes in a folder
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ALWAYS = "a cluster (make e2e)"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Note the reasons of skipped tests."""
    if place := os.environ.get("NOT_TESTED"):
        skipped = terminalreporter.stats.get("skipped", ())
        reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(place).write_text(json.dumps(reasons))


def line(folder: Path) -> str:
    """Return one line about everything that was not tested."""
    total: Counter[str] = Counter()
    for note in sorted(folder.glob("*.json")):
        total.update(json.loads(note.read_text()))
    said = [f"{' '.join(reason.split())[:120]} ({count})" for reason, count in total.most_common()]
    return "Not tested here: " + "; ".join([ALWAYS, *said])


if __name__ == "__main__":
    print(line(Path(sys.argv[1])))
