"""The checks `unique` and `duplicate_rows`: no row repeats another."""

from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck


class UniqueCheck(TolerantCheck):
    """No two rows agree in all of `columns` (missing counts as a value here); every repetition counts as one row."""

    check: Literal["unique"]
    columns: Annotated[tuple[str, ...], Field(min_length=1)]


class DuplicateRowsCheck(TolerantCheck):
    """No row repeats another in every column; every repetition counts as one row."""

    check: Literal["duplicate_rows"]
