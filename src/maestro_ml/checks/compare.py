"""The check `compare`: two columns of a row against each other."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.comparable import incomparable_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.sql.columns import Columns, comparable
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import ColumnType, are_comparable


class CompareCheck(TolerantCheck):
    """In each row `left` compares to `right` as `operator` says: `<` `<=` `==` `!=` `>=` `>`."""

    why: ClassVar = "Two columns of a row contradict each other: one of them is wrong."

    check: Literal["compare"]
    left: str
    operator: Literal["<", "<=", "==", "!=", ">=", ">"]
    right: str

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        if self.left == self.right:
            yield Mistake(("right",), f"'{self.right}' is compared with itself", (("left",),))

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return compare(self, rows.dataset)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        if self.left not in types or self.right not in types:
            return
        left, right = types[self.left], types[self.right]
        if not are_comparable(left, right):
            message = f"'{self.left}' is {left} and '{self.right}' is {right}: they cannot be compared"
            yield Mistake(("right",), message, (("columns", self.left, "type"), ("columns", self.right, "type")))


_OPERATORS = {"<": "<", "<=": "<=", "==": "=", "!=": "<>", ">=": ">=", ">": ">"}


def compare(check: CompareCheck, dataset: Columns) -> Probe | Finding:
    """Compare two columns of each row; a row in which one is missing passes."""
    if found := incomparable_columns(check, dataset.kind(check.left), dataset.kind(check.right)):
        return found
    left, right = comparable((dataset, check.left), (dataset, check.right))
    present = " AND ".join(f"NOT {dataset.missing(name)}" for name in (check.left, check.right))
    bad = f"{present} AND NOT ({left} {_OPERATORS[check.operator]} {right})"
    return count_probe(check, dataset, bad, f"do not have {check.left} {check.operator} {check.right}")
