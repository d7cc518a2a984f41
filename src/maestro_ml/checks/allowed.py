"""The check `allowed`: values are among a list."""

from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck


class AllowedCheck(TolerantCheck):
    """Values are among `values`."""

    check: Literal["allowed"]
    column: str
    values: Annotated[tuple[str | int | float | bool, ...], Field(min_length=1)]
