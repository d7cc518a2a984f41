"""The tests, made: numeric columns by column or streamed, categories in the database."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from maestro_ml.tables.parquet.columns import NotAsStored
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.drift.methods.chi_square import compared_categories
from maestro_ml.validation.drift.methods.ks import streaming
from maestro_ml.validation.drift.methods.ks.arrays import kolmogorov_smirnov
from maestro_ml.validation.drift.methods.ks.p_value import p_value
from maestro_ml.validation.drift.methods.ks.remote import Distance, distances
from maestro_ml.validation.drift.methods.psi import psi_of_numbers
from maestro_ml.validation.drift.methods.wasserstein import wasserstein
from maestro_ml.validation.drift.outcome import Outcome
from maestro_ml.validation.drift.plan import DriftTest
from maestro_ml.validation.drift.reading import Values, as_stored, by_column, present

if TYPE_CHECKING:
    from numpy.typing import NDArray

Compare = Callable[["NDArray[Any]", "NDArray[Any]"], Outcome]
_ROWS_IN_MEMORY = 4_000_000  # of both sides; a column of more is streamed
_TINY = 40  # values that more than any number of others show a difference
_AHEAD = 4  # columns read while others are compared


def compare_columns(context: ValidationContext, tests: Sequence[DriftTest]) -> list[Outcome]:
    """The outcome of each test, in their order."""
    numeric = [test for test in tests if test.kind == "numeric"]
    found = dict(_numeric(context, numeric))
    return [
        found[test.column] if test.kind == "numeric" else compared_categories(context, test.column, test.method)
        for test in tests
    ]


def _numeric(context: ValidationContext, tests: Sequence[DriftTest]) -> Iterable[tuple[str, Outcome]]:
    if not tests:
        return {}.items()
    columns, method = [test.column for test in tests], tests[0].method
    if context.dataset.is_elsewhere:  # which other tests exist was looked at when the project was loaded
        return {column: _of_distance(found) for column, found in distances(context, columns).items()}.items()
    if method == "kolmogorov_smirnov" and context.reference.count + context.current.count > _ROWS_IN_MEMORY:
        statistics = streaming.statistics(context, columns)
        return {column: _ks(*found) for column, found in statistics.items()}.items()
    compare: Compare = {"kolmogorov_smirnov": _ks_of_arrays, "psi": psi_of_numbers, "wasserstein": wasserstein}[method]
    return _side_by_side(context, columns, compare)


def _side_by_side(
    context: ValidationContext, columns: Sequence[str], compare: Compare
) -> Iterator[tuple[str, Outcome]]:
    """Two columns at a time: reading and numpy both let go of the interpreter."""
    _ = context.reference.stored, context.current.stored  # the database is not asked from two threads
    with ThreadPoolExecutor(2) as pool:
        stored = list(pool.map(lambda column: _of_stored(context, column, compare), columns))
        yield from ((column, outcome) for column, outcome in zip(columns, stored, strict=True) if outcome)
        rest = [column for column, outcome in zip(columns, stored, strict=True) if not outcome]
        waiting: deque[tuple[str, Future[Outcome]]] = deque()
        for column, values in by_column(context, rest):
            waiting.append((column, pool.submit(_unless_empty, compare, values)))
            while len(waiting) > _AHEAD:
                name, outcome = waiting.popleft()
                yield name, outcome.result()
        yield from ((name, outcome.result()) for name, outcome in waiting)


def _of_stored(context: ValidationContext, column: str, compare: Compare) -> Outcome | None:
    try:
        return _unless_empty(compare, as_stored(context, column))
    except NotAsStored:  # the column is among those the database is asked for
        return None


def _unless_empty(compare: Compare, values: Values) -> Outcome:
    reference, current = map(present, values)
    if not len(reference) or not len(current):
        return Outcome(len(reference), len(current))
    return compare(reference, current)


def _ks_of_arrays(reference: "NDArray[Any]", current: "NDArray[Any]") -> Outcome:
    statistic, p = kolmogorov_smirnov(reference, current)
    return _ks_outcome(len(reference), len(current), statistic, p)


def _ks(reference: int, current: int, distance: float) -> Outcome:
    if not reference or not current:
        return Outcome(reference, current)
    return _ks_outcome(reference, current, *p_value(reference, current, distance))


def _of_distance(found: Distance) -> Outcome:
    """The p-value is that of the distance found: it can only be smaller."""
    outcome = _ks(found.reference, found.current, found.statistic)
    return replace(outcome, numbers={"uncertain": found.uncertain}) if found.uncertain else outcome


def _ks_outcome(reference: int, current: int, statistic: float, p: float) -> Outcome:
    return Outcome(
        reference,
        current,
        statistic=statistic,
        description="D = {value}",
        p_value=p,
        smallest_p=_smallest_p(reference, current) if statistic else 0.0,
        effect=statistic,
    )


def _smallest_p(reference: int, current: int) -> float:
    """The p-value of two samples that do not overlap."""
    from math import comb

    smaller = min(reference, current)
    return min(1.0, 2 / comb(reference + current, smaller)) if smaller <= _TINY else 0.0
