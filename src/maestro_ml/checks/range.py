"""The check `range`: numbers lie between two bounds."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from maestro_ml.checks.base import TolerantCheck, bounds_mistakes
from maestro_ml.core.node import Mistake


def _as_written(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
    number = validated(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else number


# A whole number stays one: as a floating-point number the largest would be rounded.
Bound = Annotated[float, Field(allow_inf_nan=False), WrapValidator(_as_written)]


class RangeCheck(TolerantCheck):
    """Numbers lie in `[min, max]`."""

    check: Literal["range"]
    column: str
    min: Bound | None = None
    max: Bound | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        yield from bounds_mistakes("range", self.min, self.max)
