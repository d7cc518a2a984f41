"""The trees are scikit-learn's in distribution; only its random numbers are others."""

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from maestro_ml.project.anomalies import Anomalies
from maestro_ml.validation.anomalies.forest import Forest
from maestro_ml.validation.anomalies.trees import grown

RANDOM = np.random.default_rng(0)
REFERENCES = {
    "normal": RANDOM.normal(size=(2_000, 3)),
    "correlated, one column constant": RANDOM.normal(size=(2_000, 1)) * [1, 2, 0]
    + RANDOM.normal(size=(2_000, 1)) * [1, 0, 0],
    "few distinct values": np.round(RANDOM.normal(size=(2_000, 2)) * 2),
    "fewer rows than a tree takes": RANDOM.random((90, 2)),
}
SEEDS = 16


@pytest.mark.parametrize("kind", REFERENCES)
def test_scores_are_scikit_learns_on_average(kind):
    reference = REFERENCES[kind].astype(np.float32)
    width = reference.shape[1]
    rows = np.concatenate([reference[:40], np.full((1, width), 1e6), np.full((1, width), -30)]).astype(np.float32)
    ours = np.array([grown(reference, seed).scores(rows) for seed in range(SEEDS)])
    theirs = np.array([IsolationForest(random_state=seed).fit(reference).score_samples(rows) for seed in range(SEEDS)])
    spread = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / SEEDS)
    off = np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / np.maximum(spread, 1e-4)
    assert off.max() < 5
    assert off.mean() < 1.5
    assert ours.std(axis=0).mean() == pytest.approx(theirs.std(axis=0).mean(), rel=0.5)


@pytest.mark.parametrize("contamination", [0.01, 0.05, 0.3])
def test_the_rate_is_scikit_learns_within_what_its_own_seeds_differ(contamination):
    reference, window = (RANDOM.normal(0, s, size=(4_000, 4)).astype(np.float32) for s in (1, 1.4))
    spec = Anomalies(contamination=contamination)
    ours, theirs = [], []
    for seed in range(6):
        forest = Forest.fitted("abcd", reference, spec.model_copy(update={"seed": seed}))
        ours.append(forest.are_anomalous(forest.scores(window)).mean())
        peer = IsolationForest(contamination=contamination, random_state=seed).fit(reference)
        theirs.append((peer.predict(window) < 0).mean())
        own = forest.are_anomalous(forest.scores(reference)).mean()
        assert own == pytest.approx(contamination, abs=1e-3)
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.03)


def test_the_same_seed_gives_the_same_scores_in_pieces_of_any_size():
    reference = REFERENCES["normal"].astype(np.float32)
    whole, again, other = (grown(reference, seed).scores(reference) for seed in (1, 1, 2))
    pieces = [grown(reference, 1).scores(part) for part in np.array_split(reference, 7)]
    assert (whole == again).all()
    assert (whole == np.concatenate(pieces)).all()
    assert (whole != other).any()


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_handful_of_rows_is_enough(rows):
    scores = grown(np.arange(rows, dtype=np.float32)[:, None], 0).scores(np.array([[0.0], [99.0]], np.float32))
    assert ((scores >= -1) & (scores < 0)).all()


def test_the_largest_numbers_do_not_overflow():
    limit = np.finfo(np.float32).max
    reference = np.array([[-limit], [limit], [0.0]] * 100, np.float32)
    scores = grown(reference, 0).scores(reference)
    assert np.isfinite(scores).all()
