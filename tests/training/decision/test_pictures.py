"""The numbers behind the pictures, against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from maestro_ml.metrics.metric import Predictions
from maestro_ml.metrics.registry import metric_of
from maestro_ml.training.decision.charts import bars_svg, slices_svg
from maestro_ml.training.decision.importance import features_to_shuffle, permutation_importance, rows_to_shuffle
from maestro_ml.training.decision.pictures import pictures_of
from maestro_ml.training.examples import Examples


def binary(actual: list[int], scores: list[float]) -> Predictions:
    stated = np.array(scores)
    shares = np.column_stack([1 - stated, stated])
    return Predictions("binary", np.array(actual), (stated > 0.5).astype(int), shares, (0, 1))


def test_curves_end_in_the_corners_and_a_constant_answer_is_a_level_line() -> None:
    rows = binary([0, 1, 0, 1, 1], [0.1, 0.9, 0.6, 0.7, 0.4])
    constant = binary([0, 1, 0, 1, 1], [0.6] * 5)
    found = pictures_of({"candidate": rows, "baseline": constant}, {})
    assert (found.roc[0].points[0], found.roc[0].points[-1]) == ((0, 0), (1, 1))
    assert found.precision_recall[1].points == ((0, 0.6), (1, 0.6))
    assert [curve.name for curve in found.roc] == ["candidate", "baseline"]


def test_calibration_has_the_mean_and_the_frequency_of_each_bin() -> None:
    found = pictures_of({"candidate": binary([0, 0, 1, 1], [0.12, 0.18, 0.11, 1.0])}, {}).calibration
    assert [(each.rows, each.stated, each.happened) for each in found] == [
        (3, pytest.approx(0.13666, abs=1e-4), pytest.approx(1 / 3)),
        (1, 1.0, 1.0),
    ]


def test_residuals_are_actual_minus_predicted() -> None:
    rows = Predictions("regression", np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0, 5.0]))
    found = pictures_of({"candidate": rows}, {})
    assert (found.residual_edges[0], found.residual_edges[-1], sum(found.residual_counts)) == (-2.0, 1.0, 3)
    assert found.predicted_actual == ((1.0, 0.0), (2.0, 2.0), (3.0, 5.0))
    assert found.roc == ()


def test_a_feature_that_is_used_is_important_and_one_that_is_not_is_not() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"noise": rng.normal(size=400), "used": rng.normal(size=400)})
    actual = (frame["used"] > 0).to_numpy().astype(int)

    def predict(rows: Examples) -> Predictions:
        answers = (rows.features["used"] > 0).to_numpy().astype(int)
        return Predictions("binary", rows.labels, answers, None, (0, 1))

    found = permutation_importance(predict, Examples(frame, actual), metric_of("accuracy"))
    assert list(found) == ["used", "noise"]
    assert found["used"] == pytest.approx(0.5, abs=0.1)
    assert found["noise"] == 0.0


@pytest.mark.parametrize(("rows", "features", "shuffled"), [(50, 3, 50), (9_000, 3, 2_000), (9_000, 100, 200)])
def test_the_more_features_there_are_the_fewer_rows_each_is_shuffled_among(
    rows: int, features: int, shuffled: int
) -> None:
    assert rows_to_shuffle(rows, features) == shuffled


@pytest.mark.parametrize(
    ("rows", "features", "shuffled"),
    [(50, 3, 3), (200, 485, 485), (200, 2_307, 361), (50, 10_000, 100), (200, 20_000, 100)],
)
def test_of_very_many_features_some_are_shuffled(rows: int, features: int, shuffled: int) -> None:
    assert features_to_shuffle(rows, features) == shuffled


def test_of_very_many_features_those_are_shuffled_that_the_model_itself_gives_most_weight() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(20, 9_000)), columns=[f"f{place}" for place in range(9_000)])
    actual, asked = (frame["f8999"] > 0).to_numpy().astype(int), []

    def predict(rows: Examples) -> Predictions:
        asked.append(len(rows))
        return Predictions("binary", rows.labels, (rows.features["f8999"] > 0).to_numpy().astype(int), None, (0, 1))

    weights = {"f8999": 0.75, "f7": 0.25, **{f"f{place}": 0.0 for place in range(10, 8_000)}}
    found = permutation_importance(predict, Examples(frame, actual), metric_of("accuracy"), weights)
    assert next(iter(found)) == "f8999"
    assert "f7" in found
    assert len(found) == features_to_shuffle(20, 9_000) == 100
    assert sum(asked) == 20 + 3 * 20 * 100


def test_the_importance_of_many_features_is_worked_out_in_parts_that_fit_in_memory() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(3_000, 400)), columns=[f"f{place}" for place in range(400)])
    actual, together = (frame["f399"] > 0).to_numpy().astype(int), []

    def predict(rows: Examples) -> Predictions:
        together.append(rows.features.size)
        return Predictions("binary", rows.labels, (rows.features["f399"] > 0).to_numpy().astype(int), None, (0, 1))

    found = permutation_importance(predict, Examples(frame, actual), metric_of("accuracy"))
    assert next(iter(found)) == "f399"
    assert len(found) == 400
    assert max(together) <= 4_000_000


def test_charts_survive_nothing_to_draw() -> None:
    assert "<svg" in bars_svg({}, "none")
    assert "<svg" in slices_svg((), 0.5, "none")
    assert "&lt;b&gt;" in bars_svg({"x": 0.0}, "<b>")
