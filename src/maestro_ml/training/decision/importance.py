"""Permutation importance: what a metric loses if the values of one feature are shuffled."""

from typing import TYPE_CHECKING

from maestro_ml.metrics.metric import Metric, Predictions
from maestro_ml.training.examples import Examples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

_REPEATS = 3  # of the permutations
_MOST_ROWS, _FEWEST_ROWS = 2_000, 200  # that each shuffles
_ANSWERS = 60_000  # to ask of the model for all features together
_CELLS = 1_000_000  # to hold at once
_ALL_CELLS, _FEWEST_FEATURES = 500_000_000, 100  # to give to the model for all features together
_SEED = 0


def rows_to_shuffle(rows: int, features: int) -> int:
    """Return how many of the test rows the values of a feature are shuffled among: fewer where there are many features.

    The model is slow where it has many rows to answer, so that their number is bounded over all features together.
    """
    return min(rows, max(_FEWEST_ROWS, min(_MOST_ROWS, _ANSWERS // (_REPEATS * max(1, features)))))


def features_to_shuffle(rows: int, features: int) -> int:
    """Return how many of the features are shuffled among so many rows.

    The model reads all features for each of them: ten times as many features cost a hundred times as much. To start
    with each feature costs as much as some rows do.
    """
    rows = max(rows, _FEWEST_ROWS)
    return min(features, max(_FEWEST_FEATURES, _ALL_CELLS // (_REPEATS * rows * max(1, features))))


def permutation_importance(
    predict: "Callable[[Examples], Predictions]",
    test: Examples,
    metric: Metric,
    weights: "Mapping[str, float] | None" = None,
) -> dict[str, float]:
    """Return how much worse the metric becomes if a feature is shuffled, by feature, the largest loss first.

    Args:
        predict: the model's answers to some rows.
        test: the test rows; `rows_to_shuffle` of them are used, at equal distances.
        metric: the gate's.
        weights: what the model itself says of its features, the largest first; of very many features, the first are
            shuffled.
    """
    import numpy as np

    everything = [str(name) for name in test.features.columns]
    count = rows_to_shuffle(len(test), len(everything))
    names = list(dict.fromkeys((*(weights or ()), *everything)))[: features_to_shuffle(count, len(everything))]
    chosen = test.take(np.linspace(0, len(test) - 1, count).astype(int))
    usual, rng = metric.compute(predict(chosen)), np.random.default_rng(_SEED)
    together = max(1, _CELLS // (_REPEATS * count * len(everything)))
    losses: dict[str, float] = {}
    for first in range(0, len(names), together):
        some = names[first : first + together]
        for name, value in _when_shuffled(predict, chosen, metric, some, rng).items():
            losses[name] = usual - value if metric.higher_is_better else value - usual
    return dict(sorted(losses.items(), key=lambda item: -item[1]))


def _when_shuffled(
    predict: "Callable[[Examples], Predictions]",
    rows: Examples,
    metric: Metric,
    names: "list[str]",
    rng: "np.random.Generator",
) -> dict[str, float]:
    """Return the metric with each of the features shuffled, the mean of some times.

    They are predicted together: a forest takes longer to start than to answer.
    """
    import numpy as np
    import pandas as pd

    features, count = rows.features, len(rows)
    shuffled = [
        features.assign(**{name: features[name].to_numpy()[rng.permutation(count)]})
        for name in names
        for _ in range(_REPEATS)
    ]
    answers = predict(Examples(pd.concat(shuffled, ignore_index=True), np.tile(rows.labels, len(shuffled))))
    values = [metric.compute(answers.take(slice(at * count, (at + 1) * count))) for at in range(len(shuffled))]
    return {name: float(np.mean(values[at * _REPEATS : (at + 1) * _REPEATS])) for at, name in enumerate(names)}
