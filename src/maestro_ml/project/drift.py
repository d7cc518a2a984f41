"""Drift: whether a window's values still come from the distribution of the reference."""

from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.core.node import Node, Severity

Correction = Literal["none", "holm", "benjamini-hochberg"]


class DriftTests(Node):
    """How each kind of column is compared; with `categorical: none`, text and boolean columns take no part."""

    numeric: Literal["ks", "psi", "wasserstein"] = "ks"
    categorical: Literal["none", "chi_square", "psi"] = "none"


class DomainClassifier(Node):
    """A classifier that tries to tell the window's rows from the reference's; it should not be able to."""

    max_auc: Annotated[float, Field(ge=0.5, lt=1)] = 0.6
    sample: Annotated[int, Field(ge=200)] = 10_000  # rows of each side
    seed: int = 0


class Drift(Node):
    """A test per column against the reference.

    `labels` and `predictions` are tested too, under check names of their own; a text or boolean one with chi-square.
    """

    columns: tuple[str, ...] = ()  # empty: every column of the contract that the tests can take
    tests: DriftTests = DriftTests()
    p_value: Annotated[float, Field(gt=0, lt=1)] = 0.05
    correction: Correction = "none"
    # a difference smaller than this is no drift, however small p: D for ks, Cramér's V for chi_square
    min_effect: Annotated[float, Field(gt=0, le=1)] | None = None
    max_psi: Annotated[float, Field(gt=0)] = 0.2
    max_wasserstein: Annotated[float, Field(gt=0)] = 0.1  # in standard deviations of the reference
    labels: tuple[str, ...] = ()
    predictions: tuple[str, ...] = ()
    classifier: DomainClassifier | None = None
    severity: Severity = "warn"
