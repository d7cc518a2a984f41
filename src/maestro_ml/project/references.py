"""References: the past that drift and anomalies compare a window with."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.core.node import Duration, Mistake, Node, Time


class FixedReference(Node):
    """The same range of time for every run."""

    kind: Literal["fixed"]
    start: Time
    end: Time

    def mistakes(self) -> Iterator[Mistake]:
        """Report a start that is not before the end."""
        if self.start >= self.end:
            yield Mistake((), "start must be before end")


class PreviousReference(Node):
    """The range of `length` just before the run's window (default: as long as the window)."""

    kind: Literal["previous"]
    length: Duration | None = None


class SeasonReference(Node):
    """The run's window, one `period` earlier: `7d` for the same weekdays, `364d` for the same weekdays last year."""

    kind: Literal["season"]
    period: Duration


Reference = Annotated[FixedReference | PreviousReference | SeasonReference, Field(discriminator="kind")]
