"""The check `allowed`: values are among a list."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.listed_values import LISTABLE, Values, foreign_values, is_listed, unlisted
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe, unchecked_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import ColumnType


class AllowedCheck(TolerantCheck):
    """Values are among `values`."""

    may_repeat: ClassVar = ("values",)
    accepts: ClassVar = LISTABLE
    why: ClassVar = "A value nobody has declared is unknown to the models that encode this column."

    check: Literal["allowed"]
    column: str
    values: Values

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return allowed(self, rows)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        yield from super().contract_mistakes(types)
        if self.column in types:
            yield from foreign_values("values", self.column, self.values, types[self.column])


def allowed(check: AllowedCheck, rows: WindowRows) -> Probe | Finding:
    dataset = rows.dataset
    if reason := unlisted(dataset, check.column, check.values):
        return unchecked_finding(check, reason)
    # In a scan of its own, so that the other columns need not pass through the join.
    return count_probe(
        check,
        dataset,
        f"NOT {dataset.missing(check.column)} AND NOT ({is_listed(rows, check.column, check.values)})",
        f"not among the {len(check.values)} allowed value{'s' if len(check.values) > 1 else ''}",
        rows.for_joins,
    )
