"""The description of a fitted model: what was fitted, and on what."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.metrics.metric import Label
from maestro_ml.project import Window
from maestro_ml.project.models import Model
from maestro_ml.training.examples import Examples
from maestro_ml.training.search.record import SearchRecord
from maestro_ml.training.storage import PICKLE_FILE, SKOPS_FILE
from maestro_ml.training.target import ZERO_ONE, Target


class SplitSummary(BaseModel):
    """One side of the split: its time range, its number of rows, and how their labels are distributed.

    Attributes:
        positive_share: the share of rows of the positive class; None where there are not two classes.
        counts: rows of each class, in the order of the target's classes.
        median: of the labels of a regression.
        drawn: how the rows were drawn from the range, if they were: the same words mean that no row of them was among
            those fitted on. Empty where they are all rows of the range.
        timed: whether the rows have a time; if not, the range says nothing about them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    start: datetime
    end: datetime
    rows: int
    positive_share: float | None = None
    counts: tuple[int, ...] = ()
    median: float | None = None
    drawn: str = ""
    timed: bool = True

    @classmethod
    def of(cls, window: Window, examples: Examples, target: Target = ZERO_ONE) -> "SplitSummary":
        """Summarise the examples of one side of the split."""
        import numpy as np

        codes = target.codes(examples.labels)
        common: dict[str, Any] = {"start": window.start, "end": window.end, "rows": len(examples)}
        if target.task == "regression":
            return cls(**common, median=float(np.median(codes)))
        counts = np.bincount(codes, minlength=len(target.classes)).tolist()
        share = counts[1] / len(codes) if target.task == "binary" else None
        return cls(**common, counts=counts, positive_share=share)


class Candidate(BaseModel):
    """A fitted model: its origin, and the columns it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    model: str
    dataset: str
    label: str
    target: Target = ZERO_ONE
    estimator: str  # import path
    parameters: dict[str, Any]
    defaults: dict[str, Any] = {}  # keyword arguments that Maestro added: the seed, threads, less output
    transformers: tuple[str, ...] = ()  # import paths that the preprocessing names
    preparation: tuple[str, ...] = ()  # what happens to the columns before the fit, as sentences
    doubtful_texts: dict[str, int] = {}  # text columns encoded by their order, with how many values they have
    class_weight: str | None = None
    search: SearchRecord | None = None  # that chose some of the parameters
    features: dict[str, str]  # input column -> "number" or "text"
    train: SplitSummary
    trusted_types: list[str]  # the types in model.skops that a reader must trust beyond skops' own list
    pickled: str | None = None  # why the model is stored by pickle; None where it is stored by skops
    fingerprint: str
    versions: dict[str, str]
    rounded: list[str] = []  # features with integers beyond 2^53, which the model gets as the nearest double

    @property
    def file(self) -> str:
        """The name of the model's file, which says how it is stored."""
        return SKOPS_FILE if self.pickled is None else PICKLE_FILE

    @property
    def serialization(self) -> str:
        """How the model is stored, by the name that MLflow has for it."""
        return "skops" if self.pickled is None else "cloudpickle"

    @property
    def constant(self) -> Label:
        """The answer that the baseline always gives: the commoner class of the training rows, or their median."""
        if self.train.median is not None:
            return self.train.median
        if not self.train.counts:  # a record of an earlier version
            return int((self.train.positive_share or 0.0) > 0.5)  # noqa: PLR2004
        return self.target.classes[self.train.counts.index(max(self.train.counts))]


def versions() -> dict[str, str]:
    """Return the versions of the packages that can change the result of a fit."""
    return {name: version(name) for name in ("maestro-ml", "scikit-learn", "numpy", "pandas", "skops")}


# Where a model is fitted and how it is explained make it no other model.
_BESIDE: dict[str, Any] = {"pods": True, "importance": True, "estimator": {"parallel": True}}


def fingerprint(run: str, name: str, model: Model, data: str, packages: Mapping[str, str]) -> str:
    """Return a digest that changes with the data, the declaration or a package, and is the same for a repeated run.

    Args:
        run: the run's folder in the run store.
        name: the model's name.
        model: its declaration.
        data: the training set's digest.
        packages: versions by package.
    """
    declared: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude=_BESIDE)
    text = json.dumps([run, name, declared, data, dict(packages)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
