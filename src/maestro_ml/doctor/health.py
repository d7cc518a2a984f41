"""What was found of one thing that a project needs."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import MaestroError

Level = Literal["pass", "warn", "fail"]
Remedy = str | Callable[[BaseException], str]


@dataclass(frozen=True)
class Health:
    """One thing that was looked at, and what to do where it is not well."""

    what: str
    level: Level
    found: str
    remedy: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as the JSON document has it."""
        return asdict(self)


class Unwell(MaestroError):
    """A thing can be used only in part; `level` and `remedy` say how bad this is and what fixes it."""

    def __init__(self, message: str, level: Level, remedy: str) -> None:
        super().__init__(message)
        self.level, self.remedy = level, remedy


def tried(what: str, look: Callable[[], str], remedy: Remedy) -> Health:
    """Return what a look finds, or that it failed.

    Args:
        remedy: what fixes a failure, or a function that says it of the exception.
    """
    try:
        with boundary(what):
            return Health(what, "pass", look())
    except Unwell as error:
        return Health(what, error.level, str(error), error.remedy)
    except MaestroError as error:
        return Health(what, "fail", str(error), remedy if isinstance(remedy, str) else remedy(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it, also where a message hides them."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
