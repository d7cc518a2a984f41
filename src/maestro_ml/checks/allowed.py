"""The check `allowed`: values are among a list."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe, unchecked_finding
from maestro_ml.core.findings import Finding
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.numbers import among
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC, Kind


class AllowedCheck(TolerantCheck):
    """Values are among `values`."""

    why: ClassVar = "A value nobody has declared is unknown to the models that encode this column."

    check: Literal["allowed"]
    column: str
    values: Annotated[tuple[str | int | float | bool, ...], Field(min_length=1)]

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return allowed(self, rows)


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
    elif kind == "string" and rows.is_parquet and not dataset.is_elsewhere and len(check.values) <= _FEW:
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


def _among(check: AllowedCheck, dataset: Columns) -> list[str]:
    numbers = [value for value in check.values if not isinstance(value, str)]
    return among(numbers, dataset.sql_type(check.column))
