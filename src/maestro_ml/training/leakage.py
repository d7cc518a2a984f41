"""Look for what a model could not know when it is used, before it is fitted."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.wording import share
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.models import Leak, Model
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples, TrainingSet
from maestro_ml.training.target import Target

if TYPE_CHECKING:
    import numpy as np

FIRST_ROWS = 1_000  # enough rows to see that most columns differ from the label
_MOST = 100_000  # rows that one feature is judged by
_HASHED = 100_000  # rows at a time
_SHARE_BY_CHANCE = 0.01  # the share of the test rows that may be among the rows to fit on by chance


class LeakFinding(BaseModel):
    """Something that gives the label away; it blocks the training, or is a warning."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    leak: Leak
    feature: str | None = None
    message: str
    blocks: bool

    def __str__(self) -> str:
        return self.message


def find_leaks(
    model: Model,
    dataset: Dataset,
    train: Examples,
    test: Examples,
    target: Target,
    training_set: TrainingSet | None = None,
) -> list[LeakFinding]:
    """Return what gives the label away, the findings that block first.

    Args:
        train: the rows to fit on.
        test: the rows to test on.
        target: what the model predicts.
        training_set: where both come from; it knows which values are newer than their rows.
    """
    codes = target.codes(train.labels)
    found = [
        *_copies(train, codes, target),
        *(_newer(training_set) if training_set else ()),
        *_keys(model, dataset),
        *_alone(train, codes, target, model.leakage.max_alone),
        *_both(train, test),
    ]
    copied = {feature for leak, feature, _ in found if leak == "copy"}
    judged = [
        LeakFinding(leak=leak, feature=feature, message=message, blocks=leak in model.leakage.block)
        for leak, feature, message in found
        if feature not in model.leakage.allow and not (leak == "alone" and feature in copied)
    ]
    return sorted(judged, key=lambda finding: not finding.blocks)


def refuse(findings: list[LeakFinding]) -> None:
    """Raise CannotLearn if a finding blocks; the message names all that do."""
    if blocking := [str(finding) for finding in findings if finding.blocks]:
        advice = "leave it out, or name it in `leakage.allow` if the model can know it when it is used"
        raise CannotLearn(f"the label leaks into the features: {'; '.join(blocking)}: {advice}")


_Found = tuple[Leak, str | None, str]


def _copies(train: Examples, codes: "np.ndarray[Any, Any]", target: Target) -> Iterator[_Found]:
    """Yield features that hold the label itself: its value, its opposite, or for numbers a multiple of it."""
    import numpy as np

    for name in train.features:
        column = train.features[name].to_numpy()
        if column.dtype.kind == "O":
            if _same_text(column, train.labels):
                yield "copy", str(name), f"'{name}' is the label"
        elif np.isfinite(column).all():
            if target.task == "regression":
                same = bool(np.ptp(column) > 0 and abs(np.corrcoef(column, codes)[0, 1]) > 1 - 1e-12)
            else:
                opposite = target.task == "binary" and (column == 1 - codes).all()
                same = bool((column == codes).all() or opposite or _same_text(column, train.labels))
            if same:
                yield "copy", str(name), f"'{name}' is the label, or its opposite or multiple"


def _same_text(column: "np.ndarray[Any, Any]", labels: "np.ndarray[Any, Any]") -> bool:
    """Whether both are the same as text; the first rows decide most cases, and the others are many."""
    few = slice(FIRST_ROWS)
    return all(bool((column[part].astype(str) == labels[part].astype(str)).all()) for part in (few, slice(None)))


def _newer(training_set: TrainingSet) -> Iterator[_Found]:
    for name, rows in training_set.newer.items():
        yield (
            "newer",
            name,
            f"'{name}' was known only after the row's time in {share(rows, training_set.rows)} of the rows",
        )
    for view, rows in training_set.written_later.items():
        many = share(rows, training_set.rows)
        yield (
            "written_later",
            view,
            f"values of the view {view} were created after the row's time in {many} of the rows",
        )


def _keys(model: Model, dataset: Dataset) -> Iterator[_Found]:
    for name in model.columns:
        if name in dataset.keys:
            yield "key", name, f"'{name}' is a key of {model.dataset}, which names a row and says nothing about others"


def _alone(train: Examples, codes: "np.ndarray[Any, Any]", target: Target, limit: float) -> Iterator[_Found]:
    """Yield features that alone order the rows almost as the label does."""
    import numpy as np

    step = max(1, len(codes) // _MOST)
    for name in train.features:
        column, wanted = train.features[name].to_numpy()[::step], codes[::step]
        sides = [wanted] if target.task == "regression" else [wanted == code for code in _judged_classes(target)]
        strengths = [_strength(column, side, target) for side in sides]
        known = [value for value in strengths if value is not None]
        strength = float(np.mean(known)) if known else 0.0
        if strength > limit:
            what = "rank correlation" if target.task == "regression" else "ROC AUC"
            yield "alone", str(name), f"'{name}' alone predicts the label with a {what} of {strength:.4f}"


def _judged_classes(target: Target) -> Sequence[int]:
    """Return the codes of the classes to tell from all others: of two, one is enough."""
    return [1] if target.task == "binary" else range(len(target.classes))


def _strength(column: "np.ndarray[Any, Any]", wanted: "np.ndarray[Any, Any]", target: Target) -> float | None:
    """Return how well one column orders the rows, 0.5 (or 0 for numbers) where it does not; None if it cannot."""
    import numpy as np
    import pandas as pd

    values = column
    if column.dtype.kind == "O":  # a text stands for the mean label of the other half of its rows
        half = np.arange(len(column)) % 2 == 0
        means = pd.Series(wanted[half].astype(float)).groupby(column[half].astype(str)).mean()
        values, wanted = pd.Series(column[~half].astype(str)).map(means).to_numpy(dtype=float), wanted[~half]
    present = ~np.isnan(values)
    values, wanted = values[present], wanted[present]
    if not len(values) or (values == values[0]).all() or (wanted == wanted[0]).all():
        return None
    ranks = pd.Series(values).rank().to_numpy()
    if target.task == "regression":
        return abs(float(np.corrcoef(ranks, pd.Series(wanted).rank().to_numpy())[0, 1]))
    positive = int(wanted.sum())
    area = (ranks[wanted].sum() - positive * (positive + 1) / 2) / (positive * (len(wanted) - positive))
    return float(max(area, 1 - area))


def _both(train: Examples, test: Examples) -> Iterator[_Found]:
    """Yield whether more of the test rows are among the rows to fit on than rows to fit on are among each other."""
    import numpy as np

    fitted, tested = np.sort(_row_hashes(train)), _row_hashes(test)
    places = np.minimum(np.searchsorted(fitted, tested), len(fitted) - 1)
    common = int((fitted[places] == tested).sum())
    twice = fitted[1:] == fitted[:-1]
    usual = float((np.concatenate([[False], twice]) | np.concatenate([twice, [False]])).mean())
    if common / len(tested) > max(_SHARE_BY_CHANCE, 2 * usual):
        message = f"{share(common, len(tested))} of the test rows are also among the training rows, with their label"
        yield "both_parts", None, message


def _row_hashes(rows: Examples) -> "np.ndarray[Any, Any]":
    """Return a hash of the features and label of each row."""
    import numpy as np
    import pandas as pd
    from pandas.util import hash_pandas_object

    hashes = np.empty(len(rows), dtype=np.uint64)
    for start in range(0, len(rows), _HASHED):  # what a hash needs on the way is as large as its rows
        part = slice(start, start + _HASHED)
        labels = pd.Series(rows.labels[part], index=rows.features.index[part], name="\0label")
        hashes[part] = hash_pandas_object(pd.concat([rows.features.iloc[part], labels], axis=1), index=False)
    return hashes
