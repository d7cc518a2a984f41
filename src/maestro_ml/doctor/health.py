"""What was found of one thing that a project needs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import MaestroError

Level = Literal["pass", "warn", "fail"]


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


def tried(what: str, look: Callable[[], str], remedy: str) -> Health:
    """Return what a look finds, or that it failed."""
    try:
        with boundary(what):
            return Health(what, "pass", look())
    except MaestroError as error:
        return Health(what, "fail", str(error), remedy)
