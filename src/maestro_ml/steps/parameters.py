"""Parameters of the steps that take some. Light to import: the registry and the DAGs need only these."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator

from maestro_ml.project.base import split

Stage = Literal["schema", "quality", "drift", "anomalies"]
STAGES: tuple[Stage, ...] = ("schema", "quality", "drift", "anomalies")


class ValidateParameters(BaseModel, extra="forbid"):
    """Which stages to run; quality includes freshness."""

    stages: Annotated[tuple[Stage, ...], BeforeValidator(split)] = STAGES
