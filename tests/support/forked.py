"""Run programs in processes of their own, each forked from one that has imported the libraries: that costs seconds.

A test whose subject is the start of a process, its signals or its imports starts a new interpreter instead.
"""

import atexit
import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from threading import Timer

MAESTRO = "from maestro_ml.cli import main; main()"
LIBRARIES = """
maestro_ml.cli.app maestro_ml.steps maestro_ml.validation maestro_ml.training.tracking.client
numpy pandas pyarrow.parquet pyarrow.dataset duckdb sqlglot scipy.stats skops.io
sklearn.ensemble sklearn.linear_model sklearn.naive_bayes sklearn.pipeline
mlflow mlflow.pyfunc mlflow.sklearn alembic.command
mlflow.store.tracking.sqlalchemy_workspace_store mlflow.store.model_registry.sqlalchemy_workspace_store
maestro_ml.steps.validate maestro_ml.steps.validate_training maestro_ml.steps.build_features maestro_ml.steps.train
maestro_ml.steps.evaluate maestro_ml.steps.register maestro_ml.training.tracking.mlflow_tracker
maestro_ml.validation.report.html
"""
_TIMEOUT = 300  # seconds
_ENVIRONMENT = dict(os.environ)  # as it is before any test


class ForkServer:
    """A process that has imported modules, and runs programs in forks of itself."""

    def __init__(self, modules: str, environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, str(Path(__file__).with_name("fork_server.py")), *modules.split()]
        self._environment = _ENVIRONMENT | environment
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.stop)

    def _running(self) -> "subprocess.Popen[str]":
        """Return the process. A test of the demo stops every process that this one has started."""
        if self._process is None or self._process.poll() is not None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._process = subprocess.Popen(self._command, env=self._environment, **pipes)
        return self._process

    def run(
        self, program: str, *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program with arguments as `python -c` does, without input."""
        with tempfile.TemporaryDirectory(prefix="maestro-forked-") as name:
            out, err = Path(name) / "stdout", Path(name) / "stderr"
            request = {
                "program": program,
                "arguments": list(map(str, arguments)),
                "folder": str(cwd or Path.cwd()),
                "environment": dict(os.environ if env is None else env),
                "streams": [os.devnull, str(out), str(err)],
            }
            server = self._running()
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            hang = Timer(_TIMEOUT, _kill, [int(server.stdout.readline())])
            hang.start()
            try:
                code = int(server.stdout.readline())
            finally:
                hang.cancel()
            return subprocess.CompletedProcess([program, *arguments], code, out.read_text(), err.read_text())

    def stop(self) -> None:
        """End the process; it ends with its input."""
        if self._process:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
            self._process = None


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


@functools.cache
def _libraries() -> ForkServer:
    return ForkServer(LIBRARIES, {})


def run_forked(
    program: str, *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a program with arguments as `python -c` does, in a process that has the libraries of Maestro already."""
    return _libraries().run(program, *arguments, cwd=cwd, env=env)


# Put before a program that is to run as where Maestro is not installed.
WITHOUT_MAESTRO = """
import sys
for name in [name for name in sys.modules if name.partition(".")[0] == "maestro_ml"]:
    del sys.modules[name]
sys.modules["maestro_ml"] = None
"""


def maestro(*arguments: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run `maestro` with arguments, in such a process."""
    return run_forked(MAESTRO, *arguments, cwd=cwd)
