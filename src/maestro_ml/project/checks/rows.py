"""Checks of whole rows."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.core.node import Mistake
from maestro_ml.project.checks.base import BaseCheck, TolerantCheck, bounds_mistakes
from maestro_ml.sql.predicates import Predicate


class UniqueCheck(TolerantCheck):
    """No two rows agree in all of `columns` (missing counts as a value here); every repetition counts as one row."""

    check: Literal["unique"]
    columns: Annotated[tuple[str, ...], Field(min_length=1)]


class DuplicateRowsCheck(TolerantCheck):
    """No row repeats another in every column; every repetition counts as one row."""

    check: Literal["duplicate_rows"]


class RowsCheck(BaseCheck):
    """The window holds at least `min` and at most `max` rows; without this check, at least one."""

    check: Literal["rows"]
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from bounds_mistakes("rows check", self.min, self.max)


class PredicateCheck(TolerantCheck):
    """A SQL predicate is true of every row, or unknown (null)."""

    check: Literal["predicate"]
    sql: Predicate


class CompareCheck(TolerantCheck):
    """In every row `left` stands to `right` as `operator` says."""

    check: Literal["compare"]
    left: str
    operator: Literal["<", "<=", "==", "!=", ">=", ">"]
    right: str
