"""The split by time: a model is judged on later rows than it was fitted on."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from maestro_ml.core.library_errors import are_values_hidden
from maestro_ml.project import RequestError, Window
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples, TrainingSet, read_examples
from maestro_ml.training.extremes import infinities


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


def read_part(file: Path, description: TrainingSet, part: Window, purpose: str) -> Examples:
    """The rows of one part, fit to be used: some, of both classes, and no infinite feature.

    Raises:
        CannotLearn: the part is empty, its label has one class only, or a feature is infinite.
    """
    examples = read_examples(file, description, part)
    if not len(examples):
        raise CannotLearn(
            f"no rows to {purpose} in {part}: of {description.rows:,} rows of the training set none lies there"
        )
    if examples.labels.min() == examples.labels.max():
        one = "one and the same" if are_values_hidden() else f"= {examples.labels[0]}"
        raise CannotLearn(
            f"all {len(examples):,} rows to {purpose} in {part} have the label {description.label} {one}; "
            "a classifier needs both classes"
        )
    if infinite := infinities(examples):
        found = ", ".join(f"'{name}' in {count:,}" for name, count in infinite.items())
        raise CannotLearn(
            f"of {len(examples):,} rows to {purpose} in {part} a feature is infinite: {found}; "
            "a model takes finite numbers, or none"
        )
    return examples
