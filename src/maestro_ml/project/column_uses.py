"""The column types that the parts of a dataset need."""

from collections.abc import Iterator, Sequence

from maestro_ml.core.node import Mistake, Path
from maestro_ml.project.datasets import Dataset
from maestro_ml.sql.predicate_types import impossible_uses
from maestro_ml.sql.types import CATEGORICAL, NUMERIC, TIMES, ColumnType

_MEASURED = "numbers, text or booleans"


def type_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Report each use of a column whose type does not suit it, at the place of the use."""
    types = {name: column.type for name, column in dataset.columns.items()}
    types |= {name: declared.type for name in dataset.used_columns() if (declared := dataset.column(name))}
    for what, path, column, wanted, words in _uses(dataset):
        if column in types and types[column] not in wanted:
            message = f"{what} needs {words}, and column '{column}' is {types[column]}"
            yield Mistake(path, message, (_type_of(column),))
    yield from _availability(dataset)
    for index, check in enumerate(dataset.checks):
        for path, message, because in check.contract_mistakes(types):
            yield Mistake(("checks", index, *path), message, because)
        for field, predicate in check.predicates():
            for column, message in impossible_uses(predicate, types):
                yield Mistake(("checks", index, field), message, (_type_of(column),))


def _uses(dataset: Dataset) -> Iterator[tuple[str, Path, str, Sequence[ColumnType], str]]:
    """Yield each use that needs certain types: its name, its place, the column, the types, and their names."""
    if drift := dataset.drift:
        for field, columns in (("labels", drift.labels), ("predictions", drift.predictions)):
            for index, column in enumerate(columns):
                yield "label and prediction drift", ("drift", field, index), column, (*NUMERIC, *CATEGORICAL), _MEASURED
        text = drift.tests.categorical != "none"
        what = "drift" if text else "drift without `tests: {categorical: chi_square}`"
        wanted, words = ((*NUMERIC, *CATEGORICAL), _MEASURED) if text else (NUMERIC, "numbers")
        for index, column in enumerate(drift.columns):
            yield what, ("drift", "columns", index), column, wanted, words
    for index, column in enumerate(dataset.anomalies.columns if dataset.anomalies else ()):
        yield "anomalies", ("anomalies", "columns", index), column, NUMERIC, "numbers"


def _availability(dataset: Dataset) -> Iterator[Mistake]:
    """Report a `known_at` that is no time of the dataset's, or that nothing can be compared with."""
    for name, column in dataset.columns.items():
        here = ("columns", name, "known_at")
        if column.known_at is None:
            continue
        if dataset.timestamp is None:
            yield Mistake(here, "the dataset has no timestamp to compare it with", (("timestamp",),))
        elif column.known_at == name:
            yield Mistake(here, "a value does not say itself when it is known")
        elif (at := dataset.column(column.known_at)) and at.type not in TIMES:
            message = f"when a value is known needs a time, and column '{column.known_at}' is {at.type}"
            yield Mistake(here, message, (_type_of(column.known_at),))


def _type_of(column: str) -> Path:
    return ("columns", column, "type")
