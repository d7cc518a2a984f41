"""The parameters of steps. Light to import, because the registry and the DAGs need them."""

from typing import Annotated, get_args

from pydantic import BaseModel, BeforeValidator

from maestro_ml.core.findings import Stage
from maestro_ml.core.node import split

STAGES: tuple[Stage, ...] = get_args(Stage)


class ValidateParameters(BaseModel, extra="forbid"):
    """Which stages to run; quality includes freshness."""

    stages: Annotated[tuple[Stage, ...], BeforeValidator(split)] = STAGES


class RegisterParameters(BaseModel, extra="forbid"):
    """Whether the alias moves to the version even if it is older, or worse, than the one that has it now."""

    move_alias: bool = False


class PromoteParameters(BaseModel, extra="forbid"):
    """Who answered whether the version becomes the champion, and what; `by` is empty where no approval was needed."""

    approved: bool = True
    by: str = ""
