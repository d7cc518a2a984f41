"""The check `length`: texts have so many characters."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck, bounds_mistakes
from maestro_ml.core.node import Mistake


class LengthCheck(TolerantCheck):
    """Texts have `min` to `max` characters (Unicode code points)."""

    check: Literal["length"]
    column: str
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        yield from bounds_mistakes("length", self.min, self.max)
