"""The check `allowed`: values are among a list."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe, unchecked_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.numbers import among
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import CATEGORICAL, NUMERIC, ColumnType, Kind


class AllowedCheck(TolerantCheck):
    """Values are among `values`."""

    may_repeat: ClassVar = ("values",)
    accepts: ClassVar = (*NUMERIC, *CATEGORICAL)
    why: ClassVar = "A value nobody has declared is unknown to the models that encode this column."

    check: Literal["allowed"]
    column: str
    values: Annotated[tuple[str | int | float | bool, ...], Field(min_length=1)]

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return allowed(self, rows)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        yield from super().contract_mistakes(types)
        if self.column in types:
            yield from _foreign_values(self, types[self.column])


_FEW = 16  # values it is no loss to compare one by one where a file has no dictionary
_VALUES_OF: dict[Kind, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
}


def allowed(check: AllowedCheck, rows: WindowRows) -> Probe | Finding:
    dataset = rows.dataset
    kind = dataset.kind(check.column) or "other"
    types = _VALUES_OF.get(kind, ())
    strange = [v for v in check.values if not isinstance(v, types) or (isinstance(v, bool) and kind != "boolean")]
    if strange and kind != "null":
        return unchecked_finding(check, f"the column is {kind}, which cannot be {strange[0]!r}")
    column = quoted(check.column)
    listed = _among(check, dataset) if kind in NUMERIC else [*map(literal, check.values)]
    values = f"[{', '.join(listed)}]"
    if not listed:
        foreign = "TRUE"
    elif kind == "string" and rows.has_dictionaries and len(check.values) <= _FEW:
        # Parquet dictionary-encodes strings: the function runs once per distinct value, not once per row.
        foreign = f"list_position({values}, {column}) IS NULL"
    else:  # A hash join, not a list of comparisons: as quick for a thousand values as for two.
        foreign = f"{column} NOT IN (SELECT unnest({values}))"
    # In a scan of its own, so that the other columns need not pass through the join.
    return count_probe(
        check,
        dataset,
        f"NOT {dataset.missing(check.column)} AND {foreign}",
        f"not among the {len(check.values)} allowed values",
        rows.for_joins,
    )


_QUOTE = "YAML reads Yes, No, on and off without quotes as true and false: write 'Yes', 'No'"


def _foreign_values(check: AllowedCheck, kind: ColumnType) -> Iterator[Mistake]:
    """Yield a mistake at the first value that no value of the column can equal."""
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
        message = f"column '{check.column}' is {kind}, and {shown} is not{hint}"
        yield Mistake(("values", index), message, (("columns", check.column, "type"),))
        return


def _among(check: AllowedCheck, dataset: Columns) -> list[str]:
    numbers = [value for value in check.values if not isinstance(value, str)]
    return among(numbers, dataset.sql_type(check.column))
