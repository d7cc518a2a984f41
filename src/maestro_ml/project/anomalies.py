"""Anomalies: how many of a window's rows are unlike the reference."""

from typing import Annotated

from pydantic import Field

from maestro_ml.checks.base import Share
from maestro_ml.core.node import Node, Seed, Severity


class Anomalies(Node):
    """IsolationForest fitted on the reference; `contamination` is the share of the reference it calls anomalous.

    Of a large window `window_sample` rows are scored first, and all of them only where that leaves the verdict open.
    """

    columns: tuple[str, ...] = ()  # empty: every numeric column of the contract
    max_rate: Share = 0.10
    contamination: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    sample: Annotated[int, Field(ge=256)] = 50_000  # rows of the reference
    window_sample: Annotated[int, Field(ge=1_000)] = 20_000
    seed: Seed = 0
    severity: Severity = "warn"
