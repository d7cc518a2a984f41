"""The split by time: a model is tested on later rows than it was fitted on."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from maestro_ml.core.library_errors import are_values_hidden
from maestro_ml.project import RequestError, Window
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples, TrainingSet, read_examples, read_rows, to_examples
from maestro_ml.training.extremes import infinities

FIT = "fit on"


@dataclass(frozen=True)
class Split:
    """The part of the window to fit on, and the part after it to test on."""

    train: Window
    test: Window

    @classmethod
    def of(cls, window: Window, test: timedelta) -> "Split":
        """Split the window so that its last `test` is the test part.

        Raises:
            RequestError: nothing would be left to fit on.
        """
        if test >= window.length:
            raise RequestError(f"the window {window} is not longer than the test range of {test}; nothing to fit on")
        cut = window.end - test
        return cls(Window(window.start, cut), Window(cut, window.end))


def read_both(file: Path, description: TrainingSet, split: Split) -> tuple[Examples, Examples]:
    """Read the rows to fit on and the rows to test on in one pass; raise CannotLearn if they cannot be used."""
    rows = read_rows(file, description, Window(split.train.start, split.test.end))
    parts = ((split.train, FIT), (split.test, "test on"))
    train, test = (
        _checked(to_examples(rows, description, part), description, part, purpose) for part, purpose in parts
    )
    return train, test


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
            f"no rows to {purpose} in {part}: of {description.rows:,} rows of the training set none lies there"
        )
    if (examples.labels == examples.labels[0]).all() and (purpose == FIT or not description.regression):
        one = "one and the same" if are_values_hidden() else f"= {examples.labels[0]}"
        needed = "numbers that differ" if description.regression else "both classes"
        raise CannotLearn(
            f"all {len(examples):,} rows to {purpose} in {part} have the label {description.label} {one}; "
            f"a model needs {needed}"
        )
    if infinite := infinities(examples):
        found = ", ".join(f"'{name}' in {count:,}" for name, count in infinite.items())
        raise CannotLearn(
            f"of {len(examples):,} rows to {purpose} in {part} a feature is infinite: {found}; "
            "a model takes finite or missing values"
        )
    return examples
