"""The ledger in a run store, written to by several processes at once."""

import subprocess
import sys
from pathlib import Path

from maestro_ml.steps.models import ledger_of

APPEND = """
import sys, time
from maestro_ml.steps.models import ledger_of
from maestro_ml.training.ledger import LedgerBusy
store, actor = sys.argv[1:]
ledger, facts = ledger_of(store, "late"), {"actor": actor, "why": "race", "evidence": ""}
ledger.entries()
print("ready", flush=True)
sys.stdin.readline()
lost = 0
for version in range(40):
    while True:
        try:
            ledger.append("late", "staging", str(version), None, facts)
            break
        except LedgerBusy:
            lost += 1
print(lost)
"""


def test_two_processes_that_write_at_once_leave_every_entry_and_an_unbroken_chain(tmp_path: Path) -> None:
    command = [sys.executable, "-c", APPEND, str(tmp_path)]
    processes = [
        subprocess.Popen([*command, actor], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for actor in ("ana", "ben")
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        lost = [int(process.communicate(timeout=300)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait(timeout=300)
    entries = ledger_of(str(tmp_path), "late").entries()
    assert sorted((entry.actor, int(entry.version)) for entry in entries) == [
        (actor, version) for actor in ("ana", "ben") for version in range(40)
    ]
    assert sum(lost) > 0, "the two never met, so that this shows nothing"
    assert not list(tmp_path.glob("ledger/late/.unfinished-*"))
