"""What is proposed for a dataset, before it is written down."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from maestro_ml.project import Window


@dataclass(frozen=True)
class Suggestion:
    """A check as the project file writes it, and why."""

    check: dict[str, Any]
    evidence: str


@dataclass(frozen=True)
class Suggestions:
    """What is proposed for a dataset; `notes` say what is not, and why.

    Attributes:
        staleness: how old the newest row is at the window's end.
        gap: the longest time between two neighbouring rows.
        columns: the contract, where the dataset has none.
    """

    dataset: str
    window: Window
    rows: int
    checks: tuple[Suggestion, ...]
    max_age: timedelta | None
    staleness: timedelta | None
    notes: tuple[str, ...]
    gap: timedelta = timedelta()
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
