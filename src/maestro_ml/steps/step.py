"""The step contract: a typed function of (project, window, parameters) that returns a typed result."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from maestro_ml.project import Project, Window
from maestro_ml.steps.result import R, StepRecord, StepResult
from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.store import RESULT

if TYPE_CHECKING:
    from collections.abc import Iterable

P = TypeVar("P", bound=BaseModel)


class NoParameters(BaseModel, extra="forbid", defer_build=True):
    """For steps that take none."""


@dataclass(frozen=True)
class StepRun(Generic[P]):
    """The input of a step: what to work on, and the folder for its files."""

    project: Project
    window: Window
    target: str
    params: P
    folder: StepFolder
    progress: Callable[[str], None] = lambda _: None

    def result_of(self, step: str, kind: type[R]) -> R:
        """Read the result of an earlier step of this run about the same target."""
        record = self.folder.of_step(step).read_model(RESULT, StepRecord[kind])  # type: ignore[valid-type]
        return record.result


@dataclass(frozen=True)
class Step:
    """A registered step. `function` is `module:name`, imported when it runs: the heavy libraries load then."""

    name: str
    summary: str
    function: str
    targets: Callable[[Project], "Iterable[str]"] | None  # the names it can work on; None: the whole project
    length: Callable[[Project, str], timedelta]  # of its window
    params: type[BaseModel] = NoParameters

    def load(self) -> Callable[[StepRun[Any]], StepResult]:
        """Import the step's function."""
        module, name = self.function.split(":")
        return getattr(import_module(module), name)  # type: ignore[no-any-return]
