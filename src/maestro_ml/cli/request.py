"""The request that the shared options of a command describe."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from maestro_ml.cli.latest import LATEST, latest_end
from maestro_ml.core.window import stamp
from maestro_ml.project import Project, RequestError, load_project
from maestro_ml.steps import StepFolder


@dataclass(frozen=True)
class Request:
    """A project, the ends of a window, the run store of this invocation, and the form of its output."""

    project: Project
    start: datetime | None
    end: datetime
    store: str
    as_json: bool = False
    latest: bool = False  # each target has an end of its own: its newest row

    @classmethod
    def of(
        cls,
        project: Path,
        start: datetime | None = None,
        end: datetime | Literal["latest"] | None = None,
        store: str | None = None,
        as_json: bool = False,
        target: str | None = "",
    ) -> "Request":
        """Load the project and resolve the options; `latest` is the newest row of the target.

        Args:
            target: the dataset or model; None for each of the datasets.
        """
        loaded = load_project(project)
        latest = end == LATEST and target is None
        if latest:
            end = None
        if end == LATEST:
            end = latest_end(loaded, target or "")
        moment = end or datetime.now(UTC).replace(microsecond=0)
        if start and start >= moment:
            raise RequestError(f"--start {start.isoformat()} is not before --end {moment.isoformat()}")
        return cls(loaded, start, moment, store or loaded.locate(loaded.store), as_json, latest)

    def about(self, dataset: str) -> "Request":
        """Return the request for one of several datasets: with `--at latest` it ends with its newest row."""
        if not self.latest or self.project.datasets[dataset].timestamp is None:
            return self
        return replace(self, end=latest_end(self.project, dataset), latest=False)

    def folder(self, step: str, target: str = "") -> StepFolder:
        """Return a step's folder: the same for the same window, so that steps find each other's results."""
        run = f"{stamp(self.start)}--{stamp(self.end)}" if self.start else stamp(self.end)
        return StepFolder.of_run(self.store, "cli", run, step, target)
