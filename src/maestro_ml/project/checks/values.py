"""Checks of the values of one column."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from maestro_ml.core.node import Mistake
from maestro_ml.project.checks.base import TolerantCheck, bounds_mistakes
from maestro_ml.sql.regex import Regex


def _as_written(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
    number = validated(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else number


# A whole number stays one: as a floating-point number the largest would be rounded.
Bound = Annotated[float, Field(allow_inf_nan=False), WrapValidator(_as_written)]


class MissingCheck(TolerantCheck):
    """No value is missing."""

    check: Literal["missing"]
    column: str


class RangeCheck(TolerantCheck):
    """Numbers lie in `[min, max]`."""

    check: Literal["range"]
    column: str
    min: Bound | None = None
    max: Bound | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        yield from bounds_mistakes("range", self.min, self.max)


class AllowedCheck(TolerantCheck):
    """Values are among `values`."""

    check: Literal["allowed"]
    column: str
    values: Annotated[tuple[str | int | float | bool, ...], Field(min_length=1)]


class RegexCheck(TolerantCheck):
    """Texts match `pattern` (RE2 syntax) from their first character to their last."""

    check: Literal["regex"]
    column: str
    pattern: Regex


class LengthCheck(TolerantCheck):
    """Texts have `min` to `max` characters (Unicode code points)."""

    check: Literal["length"]
    column: str
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        yield from bounds_mistakes("length", self.min, self.max)
