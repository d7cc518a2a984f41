"""Metrics of predicted numbers."""

from math import inf, nan

from maestro_ml.metrics.metric import Metric, Predictions


def _mae(of: Predictions) -> float:
    import numpy as np

    return float(np.abs(of.actual - of.predicted).mean()) if len(of) else nan


def _rmse(of: Predictions) -> float:
    import numpy as np

    return float(np.sqrt(np.square(of.actual - of.predicted).mean())) if len(of) else nan


def _r2(of: Predictions) -> float:
    import numpy as np

    if not len(of) or (of.actual == of.actual[0]).all():
        return nan  # there is no variance to explain
    around = np.square(of.actual - of.actual.mean()).sum()
    return float(1 - np.square(of.actual - of.predicted).sum() / around)


def _mape(of: Predictions) -> float:
    import numpy as np

    if not len(of) or not of.actual.all():
        return nan  # no share of 0
    return float(np.abs((of.actual - of.predicted) / of.actual).mean())


MAE = Metric("mae", "Mean absolute error", _mae, ("regression",), higher_is_better=False, highest=inf)
RMSE = Metric("rmse", "Root mean squared error", _rmse, ("regression",), higher_is_better=False, highest=inf)
R2 = Metric("r2", "R²", _r2, ("regression",), lowest=-inf)
MAPE = Metric("mape", "Mean absolute percentage error", _mape, ("regression",), higher_is_better=False, highest=inf)
