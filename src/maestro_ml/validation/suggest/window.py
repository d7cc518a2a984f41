"""What is known of the window that checks are learnt from."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from maestro_ml.project.datasets import Column, Dataset
from maestro_ml.sql.types import Kind
from maestro_ml.tables import LocalTable
from maestro_ml.validation.column_counts import column_counts
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.rows import LocalRows

ENVIRONMENT = "${env:"  # loading would fill it in
_NEARLY_UNIQUE = 0.9  # HyperLogLog's estimate is off by a few per cent


@dataclass(frozen=True)
class LearntWindow:
    """The columns of the contract that are there, counted; `notes` collects what is not proposed, and why."""

    context: ValidationContext
    notes: list[str] = field(default_factory=list)

    @property
    def window_rows(self) -> LocalRows:
        """The rows of the window."""
        return self.context.current.extract

    @property
    def dataset(self) -> LocalTable:
        return self.window_rows.dataset

    @property
    def spec(self) -> Dataset:
        return self.context.spec

    @cached_property
    def columns(self) -> list[str]:
        return [name for name in self.spec.columns if name in self.dataset.types and ENVIRONMENT not in name]

    @property
    def rows(self) -> int:
        return self.window_rows.count

    def found(self, name: str) -> dict[str, Any]:
        """`missing`, `distinct`, `low`, `high` of a column, as `column_counts` has them."""
        return self._column_counts[name]

    def kind(self, name: str) -> Kind | None:
        return self.dataset.kind(name)

    def column(self, name: str) -> Column:
        return self.spec.columns[name]

    def declares(self, check: str, column: str | None = None) -> bool:
        return (check, column) in {(c.check, getattr(c, "column", None)) for c in self.spec.checks}

    def looks_unique(self, name: str) -> bool:
        """Return whether the column's values may all differ, and a row could be known by them."""
        values = self.found(name)
        can_identify = self.kind(name) in ("string", "integer") and self.rows > 1 and not values["missing"]
        return bool(can_identify and values["distinct"] >= _NEARLY_UNIQUE * self.rows)

    @cached_property
    def _column_counts(self) -> dict[str, dict[str, Any]]:
        return column_counts(self.window_rows, self.columns)
