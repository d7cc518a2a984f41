"""Start, measure and stop Airflow's processes, with everything they have started."""

import contextlib
import ctypes
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.project import MaestroError

COMPONENTS = ("scheduler", "dag-processor", "triggerer", "api-server")
GRACE_SECONDS = 10
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAMPLE_SECONDS = 2
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class DemoError(MaestroError):
    """The demo cannot continue."""


class Components:
    """The running components of one demo home."""

    def __init__(self, airflow: DemoAirflow) -> None:
        self.airflow = airflow
        self.peak_mb = 0.0
        self._environment = airflow.environment()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stopped = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator["Components"]:
        """Run all components inside the block; afterwards no process of this home is left, whatever happened."""
        adopt_orphans()
        stop_all(self.airflow.home)
        sampler = threading.Thread(target=self._sample, daemon=True)
        try:
            self.command(["db", "migrate"])
            for name in COMPONENTS:
                self._processes[name] = self._start([name], self._log(name))
            sampler.start()
            yield self
        finally:
            # An impatient second Ctrl-C must not cut the clean-up short; it takes 2 * GRACE_SECONDS at most.
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            self._stopped.set()
            stop_all(self.airflow.home)
            for process in self._processes.values():
                process.wait()

    def command(self, arguments: Sequence[str]) -> None:
        """Run one Airflow command to its end."""
        log = self._log(arguments[0])
        process = self._start(arguments, log)
        if process.wait() != 0:
            raise DemoError(f"`airflow {' '.join(arguments)}` failed; the end of {log}:\n{tail(log)}")

    def check(self) -> None:
        """Raise DemoError if a component has died."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise DemoError(
                    f"Airflow's {name} ended by itself; the end of {self._log(name)}:\n{tail(self._log(name))}"
                )

    def _log(self, name: str) -> Path:
        return self.airflow.home / "airflow" / f"{name}.log"

    def _start(self, arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "airflow", *arguments]
        with log.open("wb") as output:
            # A session of its own: Ctrl-C reaches us alone, and we stop the others in order.
            return subprocess.Popen(  # noqa: S603 - our own interpreter and fixed words
                command,
                env=self._environment,
                cwd=self.airflow.home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _sample(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, sum(map(_proportional_mb, processes_of(self.airflow.home))))


def processes_of(home: Path) -> list[psutil.Process]:
    """Return every process of the home: our descendants, and those that a killed demo left behind.

    The latter are known by their working folder: Airflow's process titles overwrite the environment the system shows.
    """
    found = psutil.Process().children(recursive=True)
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or belongs to another user
            if process not in found and process.cwd() == str(home) and "airflow" in " ".join(process.cmdline()):
                found.append(process)
    return found


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent dies, so that none is lost; Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def stop_all(home: Path) -> None:
    """Terminate every process of the home, and kill those that do not end."""
    for signal_all in (psutil.Process.terminate, psutil.Process.kill):
        remaining = processes_of(home)
        for process in remaining:
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
                signal_all(process)
        psutil.wait_procs(remaining, timeout=GRACE_SECONDS)


def tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"


def _proportional_mb(process: psutil.Process) -> float:
    """Return the memory with shared pages split among their users (PSS), or the resident size."""
    with contextlib.suppress(psutil.Error):  # it has ended
        memory = process.memory_full_info()
        return float(getattr(memory, "pss", memory.rss)) / 2**20
    return 0.0
