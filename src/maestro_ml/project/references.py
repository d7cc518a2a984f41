"""References: the past that drift and anomalies hold a window against."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from maestro_ml.project.base import Duration, Node, Time


class FixedReference(Node):
    """The same range of time for every run."""

    kind: Literal["fixed"]
    start: Time
    end: Time

    @model_validator(mode="after")
    def _order(self) -> "FixedReference":
        if self.start >= self.end:
            raise ValueError("start must be before end")
        return self


class PreviousReference(Node):
    """The range of `length` just before the run's window (default: as long as the window)."""

    kind: Literal["previous"]
    length: Duration | None = None


class SeasonReference(Node):
    """The run's window, one `period` earlier: `7d` for the same weekdays, `364d` for the same weekdays last year."""

    kind: Literal["season"]
    period: Duration


Reference = Annotated[FixedReference | PreviousReference | SeasonReference, Field(discriminator="kind")]
