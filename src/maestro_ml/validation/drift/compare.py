"""Runs the drift tests: numeric columns one by one or streamed, categories in the database."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from maestro_ml.drift_methods.method import DriftMethod, Outcome
from maestro_ml.tables import LocalTable
from maestro_ml.tables.parquet.columns import NotAsStored
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.drift.categories import category_counts
from maestro_ml.validation.drift.distances import streaming
from maestro_ml.validation.drift.distances.remote import distances
from maestro_ml.validation.drift.plan import DriftTest
from maestro_ml.validation.drift.reading import Values, as_stored, by_column, present

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")
Compare = Callable[["NDArray[Any]", "NDArray[Any]"], Outcome]
_ROWS_IN_MEMORY = 4_000_000  # of both sides; a column of more is streamed
_AHEAD = 4  # columns read while others are compared


def compare_columns(context: ValidationContext, tests: Sequence[DriftTest]) -> list[Outcome]:
    """Return the outcome of each test, in their order."""
    numeric = [test for test in tests if test.kind == "numeric"]
    outcomes: dict[str, Outcome] = {}
    for method in {test.method.name: test.method for test in numeric}.values():
        outcomes |= _numeric(context, [test.column for test in numeric if test.method is method], method)
    return [
        outcomes[test.column] if test.kind == "numeric" else _categorical(context, test.column, test.method)
        for test in tests
    ]


def _categorical(context: ValidationContext, column: str, method: DriftMethod) -> Outcome:
    """Compare the values of a column; missing ones are left out."""
    compare = _required(method.compare_categories, method)
    table = category_counts(context, column)
    reference, current = (int(side) for side in table.sum(axis=0))
    return compare(table) if reference and current else Outcome(reference, current)


def _numeric(context: ValidationContext, columns: Sequence[str], method: DriftMethod) -> Iterable[tuple[str, Outcome]]:
    if not isinstance(context.dataset, LocalTable):  # the project is not loaded if the engine cannot serve the method
        compare = _required(method.compare_distance, method)
        for column, found in distances(context, columns).items():
            outcome = _of_distance(compare, found.reference, found.current, found.statistic)
            # The p-value is that of the distance found: it can only be smaller.
            yield column, replace(outcome, numbers={"uncertain": found.uncertain}) if found.uncertain else outcome
    elif method.compare_distance and context.reference.count + context.current.count > _ROWS_IN_MEMORY:
        for column, sizes_and_distance in streaming.statistics(context, columns).items():
            yield column, _of_distance(method.compare_distance, *sizes_and_distance)
    else:
        yield from _side_by_side(context, columns, _required(method.compare_numbers, method))


def _required(compare: T | None, method: DriftMethod) -> T:
    if compare is None:
        raise ValueError(f"the drift method {method.name} cannot compare these columns here")
    return compare


def _of_distance(compare: Callable[[int, int, float], Outcome], reference: int, current: int, found: float) -> Outcome:
    return compare(reference, current, found) if reference and current else Outcome(reference, current)


def _side_by_side(
    context: ValidationContext, columns: Sequence[str], compare: Compare
) -> Iterator[tuple[str, Outcome]]:
    """Compare two columns at a time: reading and numpy both let go of the interpreter."""
    _ = context.reference.extract.stored, context.current.extract.stored  # no two threads may use the connection
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
    except NotAsStored:  # the database reads this column later
        return None


def _unless_empty(compare: Compare, values: Values) -> Outcome:
    reference, current = map(present, values)
    if not len(reference) or not len(current):
        return Outcome(len(reference), len(current))
    return compare(reference, current)
