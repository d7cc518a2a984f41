"""From the rows of a window and its reference to the profiles of their columns."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from maestro_ml.core.findings import Finding
from maestro_ml.sql.types import NUMERIC, TIMES
from maestro_ml.validation.column_counts import FLOATS
from maestro_ml.validation.drift.effect import effect_size
from maestro_ml.validation.profile.histogram import histogram, shared_edges, shared_edges_of_days
from maestro_ml.validation.profile.model import ColumnProfile, Side, TopValue
from maestro_ml.validation.sample import MOST_TEXTS
from maestro_ml.validation.sides import sides_of
from maestro_ml.validation.survey import Survey, shared_seed

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from maestro_ml.validation.context import ValidationContext
    from maestro_ml.validation.rows import LocalRows

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
MOST_COLUMNS = 60
_SHOWN = (*NUMERIC, *TIMES, "string", "boolean")
SAMPLE_ROWS, SAMPLE_CELLS, FEWEST_ROWS = MOST_TEXTS, 400_000, 5_000
_TOP = 8
_WHOLE_DOUBLES = 2**53


def columns_to_profile(context: "ValidationContext", findings: Iterable[Finding]) -> list[str]:
    """Return the columns worth a profile: violated errors first, then warnings, then drift; in the contract's order."""
    levels: dict[str, int] = {}
    drift: dict[str, float] = {}
    for f in findings:
        if f.column:
            level = (0 if f.severity == "error" else 1) if f.violated else 2
            levels[f.column] = min(level, levels.get(f.column, level))
            size = effect_size(f) if f.stage == "drift" else 0.0
            drift[f.column] = max(size, drift.get(f.column, size))
    columns = dict.fromkeys(c for c in (*context.spec.columns, *context.dataset.types) if c in context.dataset.types)
    return sorted(columns, key=lambda c: (levels.get(c, 2), -drift.get(c, 0.0)))[:MOST_COLUMNS]


def profiles(context: "ValidationContext", columns: Sequence[str]) -> tuple[ColumnProfile, ...]:
    """Return the profile of each of the columns that is really there, in the order given.

    Raises:
        NoEventTime: the window cannot be cut.
    """
    there = [name for name in columns if name in context.dataset.types]
    if not there:
        return ()
    hidden = {name for name in there if context.spec.hides(name)}
    sides, seed = sides_of(context), shared_seed(context)
    size = sample_size(len(there))
    if not all(_is_known(side, there, size, seed) for side in sides):
        Survey(shown_columns(context, there), size, seed, there).take(sides)
    measured = [_MeasuredSide(side, size, seed) for side in sides]
    now, then = measured[-1], measured[0] if context.spec.reference else None
    return tuple(
        _profile(name, context, now, then if then and then.is_like(now, name) else None, name in hidden)
        for name in there
    )


def shown_columns(context: "ValidationContext", columns: Iterable[str]) -> list[str]:
    """Return the columns of which values are shown."""
    return [name for name in columns if not context.spec.hides(name) and context.dataset.kind(name) in _SHOWN]


def sample_size(columns: int) -> int:
    """Return how many rows of so many columns are sampled."""
    return max(FEWEST_ROWS, min(SAMPLE_ROWS, SAMPLE_CELLS // max(1, columns)))


def _is_known(side: "LocalRows", columns: Sequence[str], size: int, seed: int) -> bool:
    """Return whether another stage has left here what a profile needs of the columns."""
    there = [name for name in columns if name in side.dataset.types]
    sample = side.samples.get(seed)
    return set(there) <= side.column_counts.keys() and sample is not None and sample.has((), size)


class _MeasuredSide:
    """One side of every column."""

    def __init__(self, side: "LocalRows", size: int, seed: int) -> None:
        self.dataset = side.dataset
        self.rows, self.counts = side.count, side.column_counts
        sample = side.samples[seed]
        self.samples = sample.first(size, sample.values).values

    def is_like(self, other: "_MeasuredSide", column: str) -> bool:
        """Return whether the column is there, and its values can be shown beside the other side's."""
        kinds = [side.dataset.kind(column) for side in (self, other)]
        return kinds[0] == kinds[1] or all(kind in NUMERIC for kind in kinds)

    def numbers(self, column: str) -> "NDArray[float64]":
        """Return the sampled values of a column of numbers or times without the missing ones, shape (n,)."""
        import numpy as np

        values = np.ma.compressed(self.samples[column])
        return np.asarray(values[~np.isnan(values)], np.float64)

    def commonest(self, column: str) -> Counter[str]:
        import numpy as np

        return Counter(np.ma.compressed(self.samples[column]).tolist())


def _profile(
    name: str, context: "ValidationContext", now: _MeasuredSide, then: _MeasuredSide | None, pii: bool
) -> ColumnProfile:
    kind = context.dataset.kind(name) or "other"
    current, reference = _side(now, name, pii), _side(then, name, pii) if then else None
    about: dict[str, Any] = {"column": name, "kind": kind, "pii": pii}
    if pii or name not in now.samples:
        return ColumnProfile(**about, current=current, reference=reference)
    if kind not in (*NUMERIC, *TIMES):
        return ColumnProfile(**about, current=current, reference=reference, top=_top(now, then, name))
    samples = [side.numbers(name) for side in (now, then) if side]
    edges = shared_edges_of_days(*samples) if kind == "date" else shared_edges(*samples, whole=kind == "integer")
    stored = context.dataset.types[name]
    sides = [
        side.model_copy(
            update=_counts(values, edges)
            | (_shape(side, values, countable=_are_doubles(side, stored)) if kind in NUMERIC else {})
        )
        for side, values in zip((current, reference), samples, strict=False)
        if side
    ]
    return ColumnProfile(**about, edges=edges, current=sides[0], reference=sides[1] if then else None)


def _side(measured: _MeasuredSide, column: str, pii: bool) -> Side:
    counts = measured.counts[column]
    sample = None if pii else measured.samples.get(column)
    return Side(
        rows=measured.rows,
        missing=counts["missing"],
        distinct=_at_most(counts.get("distinct"), measured.rows - counts["missing"]),
        nan=counts.get("nan", 0),
        plus_infinity=counts.get("plus_infinity", 0),
        minus_infinity=counts.get("minus_infinity", 0),
        low=None if pii else _as_written(counts.get("low")),
        high=None if pii else _as_written(counts.get("high")),
        sampled=0 if sample is None else len(sample),
    )


def _are_doubles(side: Side, stored: str) -> bool:
    """Return whether different values of a numeric column are different doubles."""
    if stored in FLOATS:
        return True
    ends = (side.low, side.high)
    return all(isinstance(end, int) and abs(end) <= _WHOLE_DOUBLES for end in ends)


def _counts(values: "NDArray[float64]", edges: tuple[float, ...]) -> dict[str, Any]:
    return dict(zip(("below", "counts", "above"), histogram(values, edges), strict=True))


def _shape(side: Side, values: "NDArray[float64]", *, countable: bool) -> dict[str, Any]:
    import numpy as np

    shape: dict[str, Any] = {}
    if side.sampled == side.rows and countable:
        shape["distinct"] = len(np.unique(values))
    if len(values):
        # A value of the column itself, never between two: an integer stays one.
        found = np.quantile(values, QUANTILES, method="inverted_cdf")
        shape["quantiles"] = {f"{q:g}": _finite(value) for q, value in zip(QUANTILES, found, strict=True)}
        with np.errstate(over="ignore", invalid="ignore"):
            shape["mean"] = _finite(values.mean())
    return shape


def _top(now: _MeasuredSide, then: _MeasuredSide | None, column: str) -> tuple[TopValue, ...]:
    current, reference = now.commonest(column), then.commonest(column) if then else None
    together = current + (reference or Counter())
    commonest = sorted(together, key=lambda value: (-together[value], value))[:_TOP]
    return tuple(
        TopValue(value=v, current=current[v], reference=None if reference is None else reference[v]) for v in commonest
    )


def _as_written(value: Any) -> int | float | str | None:
    """Return a value that JSON holds without rounding it."""
    if not isinstance(value, Decimal):
        return value  # type: ignore[no-any-return]
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)


def _finite(value: Any) -> float | None:
    import math

    return float(value) if math.isfinite(value) else None


def _at_most(estimate: int | None, most: int) -> int | None:
    return None if estimate is None else min(estimate, most)
