"""What the parts of a dataset ask of its columns' types."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from maestro_ml.checks.allowed import AllowedCheck
from maestro_ml.checks.compare import CompareCheck
from maestro_ml.checks.length import LengthCheck
from maestro_ml.checks.range import RangeCheck
from maestro_ml.checks.reconcile import ReconcileCheck
from maestro_ml.checks.regex import RegexCheck
from maestro_ml.core.node import Mistake, Path
from maestro_ml.sql.types import CATEGORICAL, NUMERIC, TIMES, ColumnType

if TYPE_CHECKING:
    from maestro_ml.project.datasets import Dataset

_MEASURED = "numbers, text or booleans"
_QUOTE = "YAML reads Yes, No, on and off without quotes as true and false: write 'Yes', 'No'"


def type_mistakes(dataset: "Dataset") -> Iterator[Mistake]:
    """Report each use of a column whose type does not suit it, at the place of the use."""
    types = {name: column.type for name, column in dataset.columns.items()}
    for what, path, column, wanted, words in _uses(dataset):
        if column in types and types[column] not in wanted:
            message = f"{what} needs {words}, and column '{column}' is {types[column]}"
            yield Mistake(path, message, (_type_of(column),))
    for index, check in enumerate(dataset.checks):
        match check:
            case CompareCheck():
                yield from _compared(("checks", index, "right"), check, types)
            case AllowedCheck() if check.column in types:
                yield from _values(("checks", index, "values"), check, types[check.column])


def comparable(first: ColumnType, second: ColumnType) -> bool:
    """Whether values of the two types can be compared."""
    return first == second or any({first, second} <= set(alike) for alike in (NUMERIC, TIMES))


def _uses(dataset: "Dataset") -> Iterator[tuple[str, Path, str, Sequence[ColumnType], str]]:
    """Yield each use that needs certain types: its name, its place, the column, the types, and their names."""
    for index, check in enumerate(dataset.checks):
        here: Path = ("checks", index, "column")
        match check:
            case RangeCheck():
                yield "a range check", here, check.column, NUMERIC, "numbers"
            case RegexCheck() | LengthCheck():
                yield f"a {check.check} check", here, check.column, ("string",), "text"
            case AllowedCheck():
                yield "an allowed check", here, check.column, (*NUMERIC, *CATEGORICAL), _MEASURED
            case ReconcileCheck() if check.column and check.aggregate != "distinct":
                yield f"the {check.aggregate} of a reconcile check", here, check.column, NUMERIC, "numbers"
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


def _compared(path: Path, check: CompareCheck, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
    if check.left not in types or check.right not in types:
        return
    left, right = types[check.left], types[check.right]
    if not comparable(left, right):
        message = f"'{check.left}' is {left} and '{check.right}' is {right}: they cannot be compared"
        yield Mistake(path, message, (_type_of(check.left), _type_of(check.right)))


def _values(path: Path, check: AllowedCheck, kind: ColumnType) -> Iterator[Mistake]:
    """Report the first value that no value of the column can equal."""
    for index, value in enumerate(check.values):
        is_boolean = isinstance(value, bool)
        suits = {
            "string": isinstance(value, str),
            "boolean": is_boolean,
            "integer": isinstance(value, int | float) and not is_boolean,
            "number": isinstance(value, int | float) and not is_boolean,
        }.get(kind, True)
        if suits:
            continue
        shown = str(value).lower() if is_boolean else repr(value)
        hint = f"; {_QUOTE}" if is_boolean else f"; write '{value}' in quotes" if kind == "string" else ""
        yield Mistake(
            (*path, index), f"column '{check.column}' is {kind}, and {shown} is not{hint}", (_type_of(check.column),)
        )
        return


def _type_of(column: str) -> Path:
    return ("columns", column, "type")
