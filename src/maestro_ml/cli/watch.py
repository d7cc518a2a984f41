"""`maestro watch`: validate again whenever the project or its local data change."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.console import console
from maestro_ml.cli.options import ProjectOption
from maestro_ml.cli.watched_files import state_of, watched_paths
from maestro_ml.core.errors import RequestError

_PROGRAM = "from maestro_ml.cli import main; main()"


def watch(
    dataset: Annotated[str | None, typer.Argument(help="A dataset of the project; without one, all of them.")] = None,
    project: ProjectOption = Path(),
    at: Annotated[str, typer.Option(help="End of the windows, as for validate.")] = "latest",
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between checks for changed files.")] = 1.0,
) -> None:
    """Validate now, and again when maestro.yaml, the project's code or its local data change, until Ctrl-C."""
    file = project / "maestro.yaml" if project.is_dir() else project
    if not file.is_file():
        raise RequestError(f"there is no {file}; --project names the folder that holds maestro.yaml")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    target = [dataset] if dataset else []
    # a process of its own: it imports the project's code as it is now
    command = [sys.executable, "-c", _PROGRAM, "validate", *target, "--project", str(project), "--at", at]
    try:
        follow(file, lambda: _validate(command), every)
    except KeyboardInterrupt:
        console().print("stopped watching", markup=False)


def follow(
    file: Path, validate: Callable[[], object], every: float, wait: Callable[[float], object] = time.sleep
) -> None:
    """Validate, and again after each change; it ends with an exception, such as KeyboardInterrupt."""
    out = console()
    while True:
        before = state_of(watched_paths(file))
        validate()
        if out.is_terminal:
            out.print("  watching; Ctrl-C ends it", style="dim")
        while state_of(watched_paths(file)) == before:
            wait(every)
        wait(min(every, 0.2))  # a file that is being written changes more than once


def _validate(command: list[str]) -> None:
    if console().is_terminal:
        console().rule(time.strftime("%H:%M:%S"))
    subprocess.run(command, check=False)  # noqa: S603 - our own interpreter and program
