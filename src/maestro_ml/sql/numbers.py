"""SQL that compares numbers of different types exactly, and limits in a column's own type.

DuckDB makes both sides doubles where one is, and so rounds whole numbers beyond 2^53; and it looks a decimal up among
those of fewer places by rounding it first.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from maestro_ml.sql.identifiers import literal

_FLOATS = ("FLOAT", "DOUBLE")
_WHOLE_DIGITS = {
    **dict.fromkeys(("TINYINT", "UTINYINT"), 3),
    **dict.fromkeys(("SMALLINT", "USMALLINT"), 5),
    **dict.fromkeys(("INTEGER", "UINTEGER"), 10),
    **dict.fromkeys(("BIGINT",), 19),
    **dict.fromkeys(("UBIGINT",), 20),
    **dict.fromkeys(("HUGEINT", "UHUGEINT"), 39),
}
_WHOLE_DOUBLES = 2**53  # doubles from here on have no fraction
_MOST_DIGITS = 38  # of a decimal
_DIGITS_OF_A_DOUBLE = 15  # any so many decimal digits come back from a double as they were
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_ANY_PRECISION = Context(prec=1000)


@dataclass(frozen=True)
class NumberSql:
    """SQL of a number; it can be repeated. `stored` is its type in DuckDB: whole, decimal or floating-point."""

    sql: str
    stored: str

    @property
    def is_float(self) -> bool:
        return self.stored in _FLOATS

    @property
    def places(self) -> int:
        """Digits behind the point."""
        found = _DECIMAL.fullmatch(self.stored)
        return int(found[2]) if found else 0

    @property
    def digits(self) -> int:
        """Digits it can have in all."""
        found = _DECIMAL.fullmatch(self.stored)
        return int(found[1]) if found else _WHOLE_DIGITS.get(self.stored, _MOST_DIGITS)

    @property
    def is_exact_as_double(self) -> bool:
        return self.is_float or self.digits <= _DIGITS_OF_A_DOUBLE


def comparable(*numbers: NumberSql) -> list[str]:
    """Return SQL for each of the numbers, of one type, that compares as their values do.

    A decimal is equal to the double nearest to it.
    """
    if len({number.stored for number in numbers}) == 1:
        return [number.sql for number in numbers]
    if any(number.is_float for number in numbers):
        if all(number.is_exact_as_double for number in numbers):
            return [f"{number.sql}::DOUBLE" for number in numbers]
        places = max(number.places for number in numbers)
        return [
            _beside_double(number, f"DECIMAL({_MOST_DIGITS}, {places})" if places else "HUGEINT") for number in numbers
        ]
    places = max(number.places for number in numbers)
    if not places:
        return [f"{number.sql}::HUGEINT" if _DECIMAL.match(number.stored) else number.sql for number in numbers]
    if max(number.digits - number.places for number in numbers) + places <= _MOST_DIGITS:
        return [f"{number.sql}::DECIMAL({_MOST_DIGITS}, {places})" for number in numbers]
    return [_in_two(number, places) for number in numbers]


def _beside_double(number: NumberSql, rest: str) -> str:
    """Return the nearest double, and how much larger the number is."""
    double = f"{number.sql}::DOUBLE"
    left = "0"
    if not number.is_float:
        own = number.stored if number.places else "HUGEINT"
        back = f"TRY_CAST({double} AS HUGEINT)"
        if number.places:  # as text, where it has a fraction: 0.1 is to be 0.1
            whole = f"abs({double}) >= {_WHOLE_DOUBLES}"
            back = f"CASE WHEN {whole} THEN TRY_CAST({back} AS {own}) ELSE TRY_CAST({double}::VARCHAR AS {own}) END"
        left = f"coalesce({number.sql}::{own} - {back}, 0)"
    return f"(CASE WHEN {number.sql} IS NOT NULL THEN row({double}, ({left})::{rest}) END)"


def _in_two(number: NumberSql, places: int) -> str:
    """Return the number without its fraction, and the fraction, which has its sign."""
    whole = f"trunc({number.sql})" if number.places else number.sql
    rest = f"({number.sql} - {whole})" if number.places else "0"
    both = f"row({whole}::HUGEINT, {rest}::DECIMAL({_MOST_DIGITS}, {places}))"
    return f"(CASE WHEN {number.sql} IS NOT NULL THEN {both} END)"


def at_least(bound: float, stored: str) -> int | float | Decimal:
    """Return the smallest value of a type that is not below a bound; a bound with a point is what its digits say."""
    return _in_type(bound, stored, math.ceil, math.inf)


def at_most(bound: float, stored: str) -> int | float | Decimal:
    """Return the largest value of a type that is not above a bound."""
    return _in_type(bound, stored, math.floor, -math.inf)


def _in_type(bound: float, stored: str, rounded: Callable[[Fraction], int], towards: float) -> int | float | Decimal:
    exact = Fraction(repr(bound))
    if stored in _FLOATS:
        nearest = _double(bound)
        above = nearest > bound  # Python compares whole numbers and doubles exactly
        return math.nextafter(nearest, towards) if nearest != bound and above != (towards > 0) else nearest
    places = NumberSql("", stored).places
    if not places and not stored.startswith("DECIMAL"):
        return rounded(exact)
    return Decimal(rounded(exact * 10**places)).scaleb(-places, _ANY_PRECISION)


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def among(values: Sequence[float], stored: str) -> list[str]:
    """Return SQL for those of some numbers that a type can hold; no value of the type is among the others."""
    finite = [value for value in values if stored in _FLOATS or math.isfinite(value)]
    found = [(value, at_least(value, stored)) for value in finite]
    exact = [limit for value, limit in found if limit == (value if stored in _FLOATS else Fraction(repr(value)))]
    return [sql for limit in exact if (sql := in_sql(limit, stored))]


def in_sql(number: int | float | Decimal, stored: str) -> str | None:
    """Return SQL for a number in a type; None where the type is too small for it."""
    if not isinstance(number, Decimal):
        return literal(number)
    type_ = NumberSql("", stored)
    too_large = abs(number) >= 10 ** (type_.digits - type_.places)
    return None if too_large else f"'{number:f}'::{stored}"
