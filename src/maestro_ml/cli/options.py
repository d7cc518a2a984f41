"""The options every command shares, and what they add up to."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.core.window import stamp
from maestro_ml.project import Project, RequestError, load_project
from maestro_ml.steps.step_folder import StepFolder

_FINE = re.compile(r"[.,]\d{6}0*[1-9]")  # Python would leave these digits out


def parse_time(text: str) -> datetime:
    """Parse an ISO 8601 time; without an offset it is UTC."""
    if _FINE.search(text):
        raise typer.BadParameter(f"'{text}' is more exact than a microsecond, and windows are not")
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"'{text}' is not a time such as 2013-12-01 or 2013-12-01T04:00+00:00") from None


DatasetArgument = Annotated[str, typer.Argument(help="A dataset of the project.")]
ProjectOption = Annotated[
    Path, typer.Option("--project", envvar="MAESTRO_PROJECT", help="The folder that holds maestro.yaml.")
]
StartOption = Annotated[
    datetime | None, typer.Option("--start", parser=parse_time, help="Start of the window (default: the project's).")
]
EndOption = Annotated[
    datetime | None,
    typer.Option("--end", "--at", parser=parse_time, help="End of the window, exclusive (default: now)."),
]
StoreOption = Annotated[str | None, typer.Option("--store", help="Run store URI (default: the project's).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, everything else on stderr.")]


@dataclass(frozen=True)
class Request:
    """A project and a window's ends, and where this invocation leaves its results."""

    project: Project
    start: datetime | None
    end: datetime
    store: str

    @classmethod
    def of(cls, project: Path, start: datetime | None, end: datetime | None, store: str | None) -> "Request":
        """Load the project and resolve the options."""
        loaded = load_project(project)
        moment = end or datetime.now(UTC).replace(microsecond=0)
        if start and start >= moment:
            raise RequestError(f"--start {start.isoformat()} is not before --end {moment.isoformat()}")
        return cls(loaded, start, moment, store or loaded.locate(loaded.store))

    def folder(self, step: str, target: str = "") -> StepFolder:
        """Return a step's folder: the same for the same window, so that steps find each other's results."""
        run = f"{stamp(self.start)}--{stamp(self.end)}" if self.start else stamp(self.end)
        return StepFolder.of_run(self.store, "cli", run, step, target)
