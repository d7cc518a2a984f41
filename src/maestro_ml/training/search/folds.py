"""Divide the training rows into folds in the way in which they were divided from the rows to test on."""

from typing import TYPE_CHECKING, Any

from maestro_ml.project.splits import Splitting
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples

if TYPE_CHECKING:
    import numpy as np

Fold = tuple[
    "np.ndarray[Any, Any]", "np.ndarray[Any, Any]"
]  # positions of the rows to fit on, and of those to judge by


def folds_of(examples: Examples, splitting: Splitting, folds: int, seed: int, regression: bool) -> list[Fold]:
    """Return the folds whose rows can be fitted on and judged by.

    By time, each is judged by later rows than it is fitted on, with the split's gap between them; grouped, no group is
    on both sides.

    Raises:
        CannotLearn: there is none.
    """
    found = [
        (fit, judge)
        for fit, judge in _divided(examples, splitting, folds, seed)
        if len(judge) and _can_be_fitted(examples.labels[fit], regression)
    ]
    if not found:
        raise CannotLearn(f"the {len(examples):,} training rows cannot be divided into {folds} folds for a search")
    return found


def _can_be_fitted(labels: "np.ndarray[Any, Any]", regression: bool) -> bool:
    return len(labels) > 0 and (regression or bool((labels != labels[0]).any()))


def _divided(examples: Examples, splitting: Splitting, folds: int, seed: int) -> list[Fold]:
    import warnings

    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    if splitting.kind == "time":
        return _by_time(examples, splitting, folds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a class has fewer rows than there are folds
            if splitting.kind == "grouped":
                return list(GroupKFold(folds).split(examples.labels, groups=examples.groups))
            if splitting.kind == "stratified":
                cut = StratifiedKFold(folds, shuffle=True, random_state=seed)
                return list(cut.split(examples.labels, examples.labels))
            return list(KFold(folds, shuffle=True, random_state=seed).split(examples.labels))
    except ValueError:  # fewer rows, groups, or rows of every class than folds
        return []


def _by_time(examples: Examples, splitting: Splitting, folds: int) -> list[Fold]:
    """Cut the rows, which are in order of time, into one part more than folds; each part but the first judges."""
    import numpy as np

    moments = examples.moments
    assert moments is not None
    cuts = [moments[len(moments) * part // (folds + 1)] for part in range(1, folds + 1)]
    ends = [*cuts[1:], None]
    gap = np.timedelta64(int(splitting.gap.total_seconds() * 1_000_000) if splitting.gap else 0, "us")
    return [
        (
            np.flatnonzero(moments < start - gap),
            np.flatnonzero((moments >= start) & (True if end is None else moments < end)),
        )
        for start, end in zip(cuts, ends, strict=True)
    ]
