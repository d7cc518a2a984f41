"""Runs the drift tests: numeric columns one by one or streamed, categories in the database."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from maestro_ml.core.sided import Sided
from maestro_ml.drift_methods.ecdf.arrays import Distance
from maestro_ml.drift_methods.ecdf.arrays import distance as largest_distance
from maestro_ml.drift_methods.method import DriftMethod, Outcome
from maestro_ml.tables import LocalTable
from maestro_ml.tables.parquet.columns import NotAsStored
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.drift.categories import category_counts
from maestro_ml.validation.drift.distances import streaming
from maestro_ml.validation.drift.distances.remote import distances
from maestro_ml.validation.drift.plan import DriftTest
from maestro_ml.validation.drift.reading import (
    Read,
    Values,
    by_column,
    from_database,
    in_numpys_types,
    in_parts,
    present,
)
from maestro_ml.validation.sides import sides_of
from maestro_ml.validation.stored_sides import stored_sides

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")
Compare = Callable[["NDArray[Any]", "NDArray[Any]"], Outcome]
ROWS_IN_MEMORY = 4_000_000  # of both sides; a column of more is streamed
STORED_IN_MEMORY = 10_000_000  # the same, where a column is read from files: then each is read once
_AHEAD = 2  # columns read while others are compared; none where one is large


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
        for column, distance in distances(context, columns).items():
            outcome = _of_distance(compare, distance.reference, distance.current, distance.statistic)
            # The p-value is that of the distance found: it can only be smaller.
            yield column, replace(outcome, numbers={"uncertain": distance.uncertain}) if distance.uncertain else outcome
        return
    sides, waiting = sides_of(context), [*columns]
    stored = stored_sides(sides)
    plain = in_numpys_types(sides, columns) if stored else []
    if stored and plain:
        try:
            outcomes = dict(_of_local_rows(context, plain, method, stored.batches, STORED_IN_MEMORY))
        except NotAsStored:  # the database may know how
            outcomes = {}
        yield from outcomes.items()
        waiting = [column for column in columns if column not in outcomes]
    if waiting:
        yield from _of_local_rows(context, waiting, method, from_database(context), ROWS_IN_MEMORY)


def _of_local_rows(
    context: ValidationContext, columns: Sequence[str], method: DriftMethod, read: Read, most: int
) -> Iterable[tuple[str, Outcome]]:
    """Compare columns that have at most so many rows in memory, and stream longer ones."""
    rows = context.reference.count, context.current.count
    if not method.compare_distance:
        compare = _required(method.compare_numbers, method)
        yield from _side_by_side(
            by_column(read, columns, rows), sum(rows), lambda values: _unless_empty(compare, values)
        )
    elif sum(rows) <= most:
        judge = method.compare_distance
        yield from _side_by_side(
            in_parts(read, columns, rows), sum(rows), lambda parts: _of_distance(judge, *_distance(parts))
        )
    else:
        for column, distance in streaming.statistics(context.dataset.connection, read, columns).items():
            yield column, _of_distance(method.compare_distance, *distance)


def _distance(parts: list[Sided]) -> Distance:
    parts[:] = (part.without_nan for part in parts)
    return largest_distance(parts)


def _required(compare: T | None, method: DriftMethod) -> T:
    if compare is None:
        raise ValueError(f"the drift method {method.name} cannot compare these columns here")
    return compare


def _of_distance(compare: Callable[[int, int, float], Outcome], reference: int, current: int, found: float) -> Outcome:
    return compare(reference, current, found) if reference and current else Outcome(reference, current)


def _side_by_side(
    columns: Iterable[tuple[str, T]], rows: int, compare: Callable[[T], Outcome]
) -> Iterator[tuple[str, Outcome]]:
    """Compare columns of so many rows while others are read: reading and numpy both let go of the interpreter."""
    ahead = _AHEAD if rows <= ROWS_IN_MEMORY else 0
    with ThreadPoolExecutor(2) as pool:
        waiting: deque[tuple[str, Future[Outcome]]] = deque()
        for column, values in columns:
            waiting.append((column, pool.submit(compare, values)))
            del values  # while more are read
            while len(waiting) > ahead:
                name, outcome = waiting.popleft()
                yield name, outcome.result()
        yield from ((name, outcome.result()) for name, outcome in waiting)


def _unless_empty(compare: Compare, values: Values) -> Outcome:
    reference, current = map(present, values)
    if not len(reference) or not len(current):
        return Outcome(len(reference), len(current))
    return compare(reference, current)
