"""The memory of a process and all that it starts, as they are there at once."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

_PAUSE = 0.1  # seconds between two looks


def spent_together(command: Sequence[str]) -> tuple[float, float]:
    """CPU seconds of a process and those it starts, and the most memory in MB that they hold at once.

    Memory of their own is added up. Pages of files, which are code of the same libraries, count once.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    most, ended, status = 0.0, 0, 0
    while not ended:
        most = max(most, _held(process.pid))
        time.sleep(_PAUSE)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime, most


def _held(pid: int) -> float:
    every = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    found = [_memory(each) for each in every]
    return sum(own for own, _ in found) + max(files for _, files in found)


def _memory(pid: int) -> tuple[float, float]:
    """Return the MB of a process's own and of files; nothing once it has ended."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        own, files = (int(lines[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))
    except (OSError, KeyError):
        return 0.0, 0.0
    return own, files
