"""The numbers behind the pictures of a decision record."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from maestro_ml.metrics.metric import Predictions

if TYPE_CHECKING:
    import numpy as np

_POINTS = 100
_BINS = 10

Points = tuple[tuple[float, float], ...]


class Curve(BaseModel):
    """A line: whose it is, and its points."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    points: Points


class Bin(BaseModel):
    """Rows with similar stated probabilities: their mean, and how many of the rows were positive."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    stated: float
    happened: float
    rows: int


class Pictures(BaseModel):
    """What is drawn; empty where the task has no such picture.

    Attributes:
        importance: what the gate's metric loses if a feature's values are shuffled, the mean of three times; or the
            mean absolute SHAP value.
        importance_kind: which of the two it is.
        importance_rows: how many of the test rows it is of.
        importance_left_out: how many features it is not of, because there are very many.
        residuals: edges and counts of actual minus predicted, of a regression.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    roc: tuple[Curve, ...] = ()
    precision_recall: tuple[Curve, ...] = ()
    calibration: tuple[Bin, ...] = ()
    importance: dict[str, float] = {}
    importance_kind: Literal["permutation", "shap"] = "permutation"
    importance_rows: int = 0
    importance_left_out: int = 0
    residual_edges: tuple[float, ...] = ()
    residual_counts: tuple[int, ...] = ()
    predicted_actual: Points = ()


def pictures_of(answers: dict[str, Predictions], importance: dict[str, float]) -> Pictures:
    """Return the pictures of the candidate, which is the first of the answers, beside the others.

    Args:
        answers: by name; all to the same rows.
        importance: by feature.
    """
    import numpy as np

    candidate = next(iter(answers.values()))
    if candidate.task == "regression":
        counts, edges = np.histogram(candidate.actual - candidate.predicted, bins=20)
        chosen = np.unique(np.linspace(0, len(candidate) - 1, min(len(candidate), 200)).astype(int))
        pairs = zip(candidate.actual[chosen].tolist(), candidate.predicted[chosen].tolist(), strict=True)
        return Pictures(
            importance=importance,
            residual_edges=edges.tolist(),
            residual_counts=counts.tolist(),
            predicted_actual=tuple(pairs),
        )
    if candidate.task == "multiclass" or candidate.probabilities is None:
        return Pictures(importance=importance)
    with_scores = {name: each for name, each in answers.items() if each.probabilities is not None}
    return Pictures(
        roc=tuple(Curve(name=name, points=_roc(each)) for name, each in with_scores.items()),
        precision_recall=tuple(Curve(name=name, points=_pr(each)) for name, each in with_scores.items()),
        calibration=_bins(candidate),
        importance=importance,
    )


def _roc(rows: Predictions) -> Points:
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(rows.actual == 1, _scores(rows))
    return _thinned(false, true)


def _pr(rows: Predictions) -> Points:
    from sklearn.metrics import precision_recall_curve

    if (_scores(rows) == _scores(rows)[0]).all():  # one answer for all: any share of the rows is as good as another
        positive = float((rows.actual == 1).mean())
        return ((0.0, positive), (1.0, positive))
    precision, recall, _ = precision_recall_curve(rows.actual == 1, _scores(rows))
    return _thinned(recall, precision)


def _scores(rows: Predictions) -> Any:
    return None if rows.probabilities is None else rows.probabilities[:, 1]


def _thinned(x: "np.ndarray[Any, Any]", y: "np.ndarray[Any, Any]") -> Points:
    import numpy as np

    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), _POINTS)).astype(int))
    return tuple((round(float(x[i]), 5), round(float(y[i]), 5)) for i in chosen)


def _bins(rows: Predictions) -> tuple[Bin, ...]:
    import numpy as np

    stated, happened = _scores(rows), rows.actual == 1
    places = np.minimum((stated * _BINS).astype(int), _BINS - 1)
    return tuple(
        Bin(
            stated=float(stated[places == place].mean()),
            happened=float(happened[places == place].mean()),
            rows=int((places == place).sum()),
        )
        for place in range(_BINS)
        if (places == place).any()
    )
