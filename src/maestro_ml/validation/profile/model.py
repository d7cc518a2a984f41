"""What the columns look like: counts, quantiles, a histogram, the commonest values; the window beside its reference.

A profile is for people; no verdict hangs on it. Missing, infinite, smallest and largest values are exact. Quantiles,
mean, histogram and commonest values come from at most 20,000 rows chosen at random. Distinct values are HyperLogLog's
estimate, counted where every row is in the sample and a double holds every value; of floating-point columns there is no
estimate.
"""

from pydantic import BaseModel, ConfigDict

from maestro_ml.sql.types import Kind


class Side(BaseModel):
    """A column in one window.

    `rows` are all of the window, of which `missing` have no value (null or NaN); `quantiles`, `mean`, `counts` (a count
    a bin, with `below` and `above` its ends) and the top values come from `sampled` of them. `low` and `high` keep
    every digit: a decimal that no double holds is text. `nan` are among the missing; infinities are values, which count
    in `below` and `above`, and have neither mean nor quantile.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, ser_json_inf_nan="strings")

    rows: int
    missing: int
    sampled: int
    distinct: int | None = None
    nan: int = 0
    plus_infinity: int = 0
    minus_infinity: int = 0
    low: int | float | str | None = None
    high: int | float | str | None = None
    mean: float | None = None
    quantiles: dict[str, float | None] = {}
    counts: tuple[int, ...] = ()
    below: int = 0
    above: int = 0


class TopValue(BaseModel):
    """One of the commonest values, as text, with its counts among the sampled rows."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    value: str
    current: int
    reference: int | None


class ColumnProfile(BaseModel):
    """A column now and, where there is a reference, then. Of a `pii` column no value is shown.

    `edges` of times are seconds since 1970 (of a column without a zone, by its own clock); times have neither quantiles
    nor mean.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, ser_json_inf_nan="strings")

    column: str
    kind: Kind
    pii: bool = False
    current: Side
    reference: Side | None = None
    edges: tuple[float, ...] = ()
    top: tuple[TopValue, ...] = ()
