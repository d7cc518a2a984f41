"""The check `rows`: how many rows a window holds."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.checks.base import BaseCheck, bounds_mistakes
from maestro_ml.core.node import Mistake


class RowsCheck(BaseCheck):
    """The window holds at least `min` and at most `max` rows; without this check, at least one."""

    check: Literal["rows"]
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from bounds_mistakes("rows check", self.min, self.max)
