"""The check `monotonic`: values only rise, or only fall, with time."""

from typing import Literal

from maestro_ml.checks.base import TolerantCheck


class MonotonicCheck(TolerantCheck):
    """Values only rise (or fall) in the order of the event timestamp, within each group of `by`.

    Equal neighbours pass unless `strict`. Of rows with the same timestamp the order is the one that suits the check.
    """

    check: Literal["monotonic"]
    column: str
    direction: Literal["increasing", "decreasing"] = "increasing"
    strict: bool = False
    by: tuple[str, ...] = ()
