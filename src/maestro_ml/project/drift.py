"""Drift: whether a window's values still come from the distribution of the reference."""

from typing import Annotated

from pydantic import Field

from maestro_ml.project.base import Node, Severity


class Drift(Node):
    """Kolmogorov-Smirnov per numeric column against the reference."""

    columns: tuple[str, ...] = ()  # empty: every numeric column of the contract
    p_value: Annotated[float, Field(gt=0, lt=1)] = 0.05
    severity: Severity = "warn"
