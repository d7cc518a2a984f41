"""The check `column_order`: the table's columns stand in an order."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.tolerance import check_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Result
from maestro_ml.sql.table import WindowRows


class ColumnOrderCheck(BaseCheck):
    """The table has exactly the columns of the contract, in its order (or `columns`, in theirs).

    Columns of the contract that are not `required` may be left out."""

    why: ClassVar = "A reader of this table by position gets the wrong column."

    check: Literal["column_order"]
    columns: tuple[str, ...] = ()

    def mistakes(self) -> Iterator[Mistake]:
        if self.where:
            yield Mistake(("where",), "`where` selects rows, and a column_order check reads none")

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """Yield none: a column that is not there is what the check finds."""
        yield from ()

    def probe(self, rows: WindowRows) -> Finding:
        contract, found = rows.dataset.spec.columns, list(rows.dataset.names)
        wanted = list(self.columns or (n for n, column in contract.items() if column.required or n in found))
        message = _difference(wanted, found)
        place = next((i for i, pair in enumerate(zip(wanted, found, strict=False)) if pair[0] != pair[1]), None)
        result = Result(details={"columns": len(found), "first_other": None if place is None else place + 1})
        return check_finding(
            self, message or f"the {len(found):,} columns are in order", result, violated=bool(message)
        )


def _difference(wanted: list[str], found: list[str]) -> str:
    """Say at which place, from 1, the columns first differ; nothing if they do not."""
    for place in range(max(len(wanted), len(found))):
        here = found[place] if place < len(found) else None
        right = wanted[place] if place < len(wanted) else None
        if here is None:
            return f"there is no column {place + 1}; it should be {right}"
        if right is None:
            return f"column {place + 1} is {here}, and there should be none"
        if here != right:
            return f"column {place + 1} is {here}, and should be {right}"
    return ""
