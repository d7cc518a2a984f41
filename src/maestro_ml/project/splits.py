"""How the rows of a model are divided into those to fit on and those to test on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from maestro_ml.core.node import Duration, Mistake, Node, Path, Seed
from maestro_ml.project.datasets import Dataset

if TYPE_CHECKING:
    from maestro_ml.project.models import Model


class Splitting(Node):
    """By time, the last `test` of the window is tested on; the other kinds draw a `share` of the rows.

    `stratified` draws the share of each class; `grouped` draws values of the column `by`, each with all of its rows.
    `gap` is left out between the rows to fit on and those to test on.
    """

    kind: Literal["time", "random", "stratified", "grouped"] = "time"
    gap: Duration | None = None
    share: Annotated[float, Field(gt=0, lt=1)] = 0.2
    by: str | None = None
    seed: Seed = 0

    def mistakes(self) -> Iterator[Mistake]:
        """Report keys of another kind of split."""
        if self.gap is not None and self.kind != "time":
            yield Mistake(("gap",), f"a gap is between times, and the split is {self.kind}", (("kind",),))
        if "share" in self.model_fields_set and self.kind == "time":
            yield Mistake(("share",), "a split by time has the length `test` of the model, not a share", (("kind",),))
        if self.kind == "grouped" and self.by is None:
            yield Mistake((), "a grouped split needs `by`: the column whose values stay together")
        if self.by is not None and self.kind != "grouped":
            yield Mistake(("by",), f"`by` is for a grouped split, and this is {self.kind}", (("kind",),))


def splitting_of(model: "Model", dataset: Dataset) -> Splitting:
    """Return the declared split; by default, by time, or of a table without a timestamp, by classes or at random."""
    if model.split or dataset.timestamp:
        return model.split or Splitting.model_construct()
    return Splitting(kind="random" if model.predicts_numbers else "stratified")


def split_mistakes(model: "Model", name: str, dataset: Dataset | None, here: Path) -> Iterator[Mistake]:
    """Report a split that leaves nothing, needs a time that the dataset lacks, or does not fit the task."""
    splitting = model.split or Splitting.model_construct()
    place = (*here, "split")
    if splitting.kind == "time" and (dataset is None or dataset.timestamp):
        gap = splitting.gap
        if model.test >= model.window:
            yield Mistake((*here, "test"), "the test range must be shorter than the window", ((*here, "window"),))
        elif gap is not None and model.test + gap >= model.window:
            message = "the gap and the test range must be shorter than the window"
            yield Mistake((*place, "gap"), message, ((*here, "window"), (*here, "test")))
    elif "test" in model.model_fields_set:
        message = f"`test` is for a split by time, and dataset {name} has no `timestamp`: give `split` a `share`"
        if splitting.kind != "time":
            message = f"`test` is for a split by time, and this one is {splitting.kind}: give it a `share`"
        yield Mistake((*here, "test"), message, ((*place, "kind"), ("datasets", name, "timestamp")))
    if splitting.kind == "stratified" and model.predicts_numbers:
        message = "a stratified split is one by classes, and the task is regression; use random"
        yield Mistake((*place, "kind"), message, ((*here, "task"), (*here, "gate", "metric")))
    if dataset is None or dataset.timestamp:
        return
    if model.split and model.split.kind == "time":
        message = f"dataset {name} has no `timestamp`; use random, stratified or grouped"
        yield Mistake((*place, "kind"), message, (("datasets", name, "timestamp"),))
    if "window" in model.model_fields_set:
        message = f"a window is a range of time, and dataset {name} has no `timestamp`: all of its rows are used"
        yield Mistake((*here, "window"), message, (("datasets", name, "timestamp"),))
    if model.feature_service:
        message = f"features are looked up as of each row's time, and dataset {name} has no `timestamp`; use columns"
        yield Mistake((*here, "feature_service"), message, (("datasets", name, "timestamp"),))
