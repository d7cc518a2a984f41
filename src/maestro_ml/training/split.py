"""The split of a model's rows: by time, it is tested on later rows than it was fitted on; or drawn."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from maestro_ml.core.library_errors import are_values_hidden
from maestro_ml.core.node import format_duration
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.splits import Splitting, splitting_of
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.drawn import test_rows
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples, TrainingSet
from maestro_ml.training.extremes import infinities
from maestro_ml.training.stored_rows import StoredRows, read_examples
from maestro_ml.training.target import Target

FIT = "training"


@dataclass(frozen=True)
class Split:
    """The part of the window to fit on, and the part to test on.

    Attributes:
        drawn: how the rows to test on are drawn; None for a split by time, whose parts are ranges of it.
    """

    train: Window
    test: Window
    drawn: Splitting | None = None

    @classmethod
    def of(cls, window: Window, test: timedelta, splitting: Splitting | None = None) -> "Split":
        """Split the window so that its last `test` is the test part, unless the rows are drawn.

        Raises:
            RequestError: nothing would be left to fit on.
        """
        if splitting and splitting.kind != "time":
            return cls(window, window, splitting)
        gap = (splitting and splitting.gap) or timedelta()
        if test + gap >= window.length:
            after = f" after a gap of {format_duration(gap)}" if gap else ""
            raise RequestError(
                f"the window {window} is not longer than the test range of {format_duration(test)}{after}; "
                "no training row is left"
            )
        cut = window.end - test
        return cls(Window(window.start, cut - gap), Window(cut, window.end))


def split_of(project: Project, name: str, window: Window) -> Split:
    """Return how a model's window is split; raises RequestError as `Split.of` does."""
    model = project.models[name]
    return Split.of(window, model.test, splitting_of(model, project.datasets[model.dataset]))


def test_summary(split: Split, description: TrainingSet, test: Examples, target: Target) -> SplitSummary:
    """Summarise the rows to test on, and how they were drawn."""
    return SplitSummary.of(split.test, test, target).model_copy(
        update={"drawn": _draw(split.drawn, description), "timed": description.timestamp is not None}
    )


def _draw(splitting: Splitting | None, description: TrainingSet) -> str:
    """Name the draw. Groups stay on their side as rows are added; other draws depend on the whole training set."""
    if splitting is None:
        return ""
    of = f"by {splitting.by}" if splitting.kind == "grouped" else f"of {description.sha256}"
    return f"{splitting.kind} {of}, share {splitting.share:g}, seed {splitting.seed}"


def read_both(file: Path, description: TrainingSet, split: Split) -> tuple[Examples, Examples]:
    """Read the rows to fit on and the rows to test on; raise CannotLearn if they cannot be used."""
    stored = StoredRows(file, description)
    if split.drawn:
        whole = stored.inside(split.train)
        mask = test_rows(whole, split.drawn)
        parts = (whole.take(~mask), whole.take(mask))
    else:
        parts = (stored.inside(split.train), stored.inside(split.test))
    train, test = map(stored.examples, parts)
    return _checked(train, description, split.train, FIT), _checked(test, description, split.test, "test")


def read_test(file: Path, description: TrainingSet, split: Split, purpose: str = "test") -> Examples:
    """Read the rows to test on; raise CannotLearn if they cannot be used."""
    stored = StoredRows(file, description)
    rows = stored.inside(split.test)
    if split.drawn:
        rows = rows.take(test_rows(rows, split.drawn))
    return _checked(stored.examples(rows), description, split.test, purpose)


def read_part(file: Path, description: TrainingSet, part: Window, purpose: str) -> Examples:
    """Read the rows of one part; raise CannotLearn if they cannot be used."""
    return _checked(read_examples(file, description, part), description, part, purpose)


def _checked(examples: Examples, description: TrainingSet, part: Window, purpose: str) -> Examples:
    """Return the examples, if there are some, with labels that differ, without infinite features.

    Raises:
        CannotLearn: the part is empty, its label has one value only, or a feature is infinite.
    """
    if not len(examples):
        raise CannotLearn(
            f"there are no {purpose} rows: none of the {description.rows:,} rows of the training set is in {part}"
        )
    if (examples.labels == examples.labels[0]).all() and (purpose == FIT or not description.regression):
        value = "has the same value" if are_values_hidden() else f"is {examples.labels[0]}"
        needed = "a regression needs several values" if description.regression else "a classifier needs two classes"
        raise CannotLearn(
            f"the label '{description.label}' {value} in all {len(examples):,} {purpose} rows ({part}); {needed}"
        )
    if infinite := infinities(examples):
        found = ", ".join(f"'{name}' in {count:,}" for name, count in infinite.items())
        raise CannotLearn(
            f"infinite values among the {len(examples):,} {purpose} rows ({part}): {found}; "
            "a feature must be finite or missing"
        )
    return examples
