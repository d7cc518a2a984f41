"""The rate from a sample: the verdict is the one of scoring every row."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from maestro_ml.core.intervals import wilson
from maestro_ml.project import Window
from maestro_ml.project.anomalies import Anomalies
from maestro_ml.tables import open_dataset
from maestro_ml.validation.anomalies.forest import Forest
from maestro_ml.validation.anomalies.rate import rate_of
from maestro_ml.validation.rows import LocalRows

ROWS = 12_000
START = datetime(2024, 1, 1, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(days=31))


class FarFromZero:
    """Stands for the trees: what is further from zero is more anomalous."""

    def scores(self, rows: np.ndarray) -> np.ndarray:
        return -np.abs(rows[:, 0].astype(float))


FOREST = Forest(("x",), np.zeros(1, np.float32), -0.5, FarFromZero())


@pytest.fixture
def windows(tmp_path, dataset_project):
    """Provide a window of which this share of rows is anomalous, in no order."""
    opened = []

    def build(share: float) -> LocalRows:
        x = np.where(np.arange(ROWS) < round(share * ROWS), 1.0, 0.0) * np.linspace(1, 2, ROWS)
        times = pd.date_range(START, periods=ROWS, freq="2min")
        frame = pd.DataFrame({"at": times, "x": np.random.default_rng(1).permutation(x)})
        frame.to_parquet(tmp_path / f"{share}.parquet")
        project = dataset_project(
            source={"kind": "parquet", "path": f"{share}.parquet"},
            timestamp="at",
            columns={"at": {"type": "timestamp"}, "x": {"type": "number"}},
        )
        context = open_dataset(project, "events")
        opened.append(context)
        return LocalRows(context.__enter__(), WINDOW)

    yield build
    for context in opened:
        context.__exit__(None, None, None)


@pytest.mark.parametrize("share", [0.09, 0.095, 0.099, 0.1, 0.1001, 0.101, 0.105, 0.11])
def test_near_the_limit_the_verdict_is_that_of_all_rows(windows, share):
    current = windows(share)
    exact = round(share * ROWS) / ROWS
    for seed in range(40):
        rate = rate_of(current, FOREST, Anomalies(window_sample=1_000, seed=seed))
        assert (rate.value > 0.1) == (exact > 0.1), seed
        assert rate.low <= exact <= rate.high


@pytest.mark.parametrize("share", [0.0, 0.03, 0.25, 1.0])
def test_far_from_the_limit_a_sample_is_enough(windows, share):
    current = windows(share)
    for seed in range(20):
        rate = rate_of(current, FOREST, Anomalies(window_sample=1_000, seed=seed))
        assert (rate.scored, rate.rows) == (1_000, ROWS)
        assert rate.low <= share <= rate.high
        assert rate.high - rate.low > 0


def test_where_the_sample_leaves_it_open_every_row_is_scored(windows):
    rate = rate_of(windows(0.1), FOREST, Anomalies(window_sample=1_000))
    assert (rate.scored, rate.anomalous, rate.low, rate.high) == (ROWS, 1_200, 0.1, 0.1)


def test_a_window_hardly_larger_than_the_sample_is_scored_whole(windows):
    assert rate_of(windows(0.5), FOREST, Anomalies(window_sample=6_000)).scored == ROWS
    assert rate_of(windows(0.5), FOREST, Anomalies(window_sample=5_999)).scored == 5_999


def test_the_ten_lowest_scores_come_with_their_places(windows):
    current = windows(0.1)
    whole = rate_of(current, FOREST, Anomalies(window_sample=1_000))
    values = current.rows.project("x").fetchnumpy()["x"]
    places = whole.extreme.rows.places
    assert sorted(values)[-10:][::-1] == pytest.approx(values[places].tolist())
    assert list(whole.extreme.scores) == sorted(whole.extreme.scores)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (10, 10), (1, 1), (95, 1_000), (2_000, 20_000)])
def test_the_interval_is_scipys(successes, trials):
    expected = binomtest(successes, trials).proportion_ci(0.9999, method="wilson")
    assert wilson(successes, trials, 3.8906) == pytest.approx((expected.low, expected.high), abs=1e-5)
