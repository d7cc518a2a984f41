"""The parameters of steps. Light to import, because the registry and the DAGs need them."""

from typing import Annotated, get_args

from pydantic import BaseModel, BeforeValidator, Field

from maestro_ml.core.findings import Stage
from maestro_ml.core.node import split

STAGES: tuple[Stage, ...] = get_args(Stage)


class ValidateParameters(BaseModel, extra="forbid", defer_build=True):
    """Which stages to run; quality includes freshness. Of a table without a time, how many rows to look at."""

    stages: Annotated[tuple[Stage, ...], BeforeValidator(split)] = STAGES
    most_rows: Annotated[int, Field(ge=1)] | None = None


class RegisterParameters(BaseModel, extra="forbid", defer_build=True):
    """Whether the alias moves to the version even if it is older, or worse, than the one that has it now."""

    move_alias: bool = False


class PromoteParameters(BaseModel, extra="forbid", defer_build=True):
    """Who answered whether the version becomes the champion, and what; `by` is empty where no approval was needed."""

    approved: bool = True
    by: str = ""
