"""Values listed in the project file, against a column's."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from maestro_ml.core.node import Mistake
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.numbers import among
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import CATEGORICAL, NUMERIC, ColumnType, Kind

Value = str | int | float | bool
Values = Annotated[tuple[Value, ...], Field(min_length=1)]
LISTABLE: tuple[ColumnType, ...] = (*NUMERIC, *CATEGORICAL)
SHOWN = 5  # values in a message

_MOST_COMPARISONS = 16  # values it is no loss to compare one by one where a file has no dictionary
_QUOTE = "YAML reads Yes, No, on and off without quotes as true and false: write 'Yes', 'No'"
_VALUES_OF: dict[Kind, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
}


def _suits(value: Value, kind: Kind) -> bool:
    return isinstance(value, _VALUES_OF.get(kind, ())) and (kind == "boolean" or not isinstance(value, bool))


def foreign_values(field: str, column: str, values: Sequence[Value], type_: ColumnType) -> Iterator[Mistake]:
    """Yield a mistake at the first value that no value of a column of this type can equal."""
    for index, value in enumerate(values):
        is_broken = type_ == "integer" and isinstance(value, float) and not value.is_integer()
        if type_ not in LISTABLE or (_suits(value, type_) and not is_broken):
            continue
        is_boolean = isinstance(value, bool)
        shown = str(value).lower() if is_boolean else repr(value)
        hint = f"; {_QUOTE}" if is_boolean else f"; write '{value}' in quotes" if type_ == "string" else ""
        message = f"column '{column}' is {type_}, and {shown} is not{hint}"
        yield Mistake((field, index), message, (("columns", column, "type"),))
        return


def unlisted(dataset: Columns, column: str, values: Sequence[Value]) -> str | None:
    """Say why a column as it really is cannot hold one of the values; None if it can."""
    kind = dataset.kind(column) or "other"
    strange = [value for value in values if not _suits(value, kind)]
    return f"the column is {kind}, which cannot be {strange[0]!r}" if strange and kind != "null" else None


def literals(dataset: Columns, column: str, values: Sequence[Value]) -> list[str]:
    """Return SQL for those of the values that the column's type can hold."""
    if dataset.kind(column) not in NUMERIC:
        return [*map(literal, values)]
    return among([value for value in values if not isinstance(value, str)], dataset.sql_type(column))


def is_listed(rows: WindowRows, column: str, values: Sequence[Value]) -> str:
    """Return SQL that is true where a column's value is one of these; for the rows that are `for_joins`."""
    dataset = rows.dataset
    listed = literals(dataset, column, values)
    if not listed:
        return "FALSE"
    array = f"[{', '.join(listed)}]"
    if dataset.kind(column) == "string" and rows.has_dictionaries and len(values) <= _MOST_COMPARISONS:
        # Parquet dictionary-encodes strings: the function runs once per distinct value, not once per row.
        return f"list_position({array}, {quoted(column)}) IS NOT NULL"
    # A hash join, not a list of comparisons: as quick for a thousand values as for two.
    return f"{quoted(column)} IN (SELECT unnest({array}))"


def in_words(values: Sequence[object]) -> str:
    """Return some values as a person reads them; of many, the first."""
    shown = ", ".join(map(repr, values[:SHOWN]))
    return f"{shown} and {len(values) - SHOWN:,} more" if len(values) > SHOWN else shown
