"""What a database counts of the event times of a table."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Times:
    """The event times of all rows of a table.

    Attributes:
        rows: how many there are.
        untimed: how many have no time.
        future: how many are later than a moment.
        oldest: the first time.
        newest: the last one before another moment.
    """

    rows: int
    untimed: int
    future: int
    oldest: datetime | None
    newest: datetime | None
