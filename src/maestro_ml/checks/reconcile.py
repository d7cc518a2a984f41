"""The check `reconcile`: an aggregate against the same of another dataset."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.checks.base import BaseCheck
from maestro_ml.core.node import Mistake


class ReconcileCheck(BaseCheck):
    """An aggregate of the window's rows agrees with the same aggregate of another dataset in the same window.

    They agree if they differ by at most `tolerance` times the other dataset's. Without `other_column` it is `column`.
    """

    check: Literal["reconcile"]
    dataset: str
    aggregate: Literal["rows", "sum", "min", "max", "mean", "distinct"] = "rows"
    column: str | None = None
    other_column: str | None = None
    tolerance: Annotated[float, Field(ge=0)] = 0.0

    def mistakes(self) -> Iterator[Mistake]:
        if (self.aggregate == "rows") != (self.column is None):
            yield Mistake((), "every aggregate but rows needs a column, and rows takes none")
