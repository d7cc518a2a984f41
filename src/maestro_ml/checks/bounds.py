"""Bounds of a value: numbers or times, with the bound itself or without it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, ValidatorFunctionWrapHandler, WithJsonSchema, WrapValidator
from pydantic_core import PydanticCustomError

from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Number
from maestro_ml.core.wording import exact


def _as_written(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "expected a number")
    number = validated(value)
    return value if isinstance(value, int) else number


# A whole number stays one: as a floating-point number the largest would be rounded.
Bound = Annotated[float, Field(allow_inf_nan=False), WrapValidator(_as_written)]


def _number_or_time(value: Any) -> Any:
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, date) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if not isinstance(value, float):
        raise PydanticCustomError("bound", "expected a number, or a time such as 2024-01-31")
    if not math.isfinite(value):
        raise PydanticCustomError("finite_number", "expected a finite number")
    return value


def _read(text: str) -> Any:
    for form in (int, float, date.fromisoformat, datetime.fromisoformat):
        try:
            return form(text)
        except ValueError:
            continue
    return text


BoundOrTime = Annotated[
    float | date,
    PlainValidator(_number_or_time),
    PlainSerializer(lambda bound: bound, return_type=Any),  # of two types, pydantic would expect one
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "format": "date-time"}]}),
]


@dataclass(frozen=True)
class Limit:
    """One bound: the key it stands under, the sign by which a value breaks it, and its words."""

    key: str
    bound: float | date
    broken: str
    words: str

    @property
    def is_low(self) -> bool:
        return self.broken.startswith("<")

    def is_kept_by(self, value: Any) -> bool:
        """Return whether a number lies inside; as its digits say, where the value is exact."""
        bound: Any = self.bound
        if isinstance(value, Decimal | Fraction) and not isinstance(bound, int):
            bound = type(value)(str(bound))
        return self.holds(value, bound)

    def holds(self, value: Any, bound: Any) -> bool:
        """Return whether a value is on the right side of a bound in the value's own type."""
        match self.broken:
            case "<":
                return bool(value >= bound)
            case "<=":
                return bool(value > bound)
            case ">":
                return bool(value <= bound)
            case _:
                return bool(value < bound)


@dataclass(frozen=True)
class Limits:
    """The bounds that are given, lower ones first."""

    limits: tuple[Limit, ...]

    def __iter__(self) -> Iterator[Limit]:
        return iter(self.limits)

    @property
    def words(self) -> str:
        """The bounds as they were given, such as `above 0, at most 5`."""
        return ", ".join(f"{limit.words} {shown(limit.bound)}" for limit in self.limits)

    @property
    def numbers(self) -> dict[str, Number]:
        """The bounds as a finding has them: `min` and `max` always, the others where they are given."""
        given = {limit.key: limit.bound for limit in self.limits}
        named = {key: given.get(key) for key in ("min", "max")} | given
        return {key: bound.isoformat() if isinstance(bound, date) else bound for key, bound in named.items()}

    def are_kept_by(self, value: Any) -> bool:
        """Return whether a number lies inside all of them."""
        return all(limit.is_kept_by(value) for limit in self.limits)


_KEYS = (("min", "<", "at least"), ("above", "<=", "above"), ("max", ">", "at most"), ("below", ">=", "below"))


def limits_of(check: Any) -> Limits:
    """Return the bounds of a check that has `min`, `max`, `above` and `below`."""
    given = ((key, getattr(check, key), broken, words) for key, broken, words in _KEYS)
    return Limits(tuple(Limit(*limit) for limit in given if limit[1] is not None))


def limits_mistakes(what: str, limits: Limits) -> Iterator[Mistake]:
    """Find what is wrong with limits: there is none, two at one end, or nothing lies between them."""
    low, high = ([limit for limit in limits if limit.is_low is side] for side in (True, False))
    if not low and not high:
        yield Mistake((), f"{what} needs a bound: min, max, above or below")
    for alike in (low, high):
        if len(alike) > 1:
            yield Mistake((), f"give {alike[0].key} or {alike[1].key}, not both")
            return
    if not low or not high:
        return
    [first], [last] = low, high
    if not _of_one_kind(first.bound, last.bound):
        yield Mistake((), f"{first.key} {shown(first.bound)} and {last.key} {shown(last.bound)} cannot be compared")
    elif _is_above(first.bound, last.bound):
        yield Mistake((), f"{first.key} {shown(first.bound)} is above {last.key} {shown(last.bound)}")
    elif first.bound == last.bound and (first.key, last.key) != ("min", "max"):
        yield Mistake((), f"nothing is {first.words} {shown(first.bound)} and {last.words} {shown(last.bound)}")


def shown(bound: float | date) -> str:
    """Return a bound as a person reads it."""
    if isinstance(bound, datetime):
        return bound.isoformat(" ")
    return bound.isoformat() if isinstance(bound, date) else exact(bound)


def _of_one_kind(*bounds: float | date) -> bool:
    return len({isinstance(bound, date) for bound in bounds}) == 1


def _is_above(low: Any, high: Any) -> bool:
    if isinstance(low, date):  # a clock's time beside an instant is known to be later only where days lie between them
        low, high = (bound.date() if isinstance(bound, datetime) else bound for bound in (low, high))
    return bool(low > high)
