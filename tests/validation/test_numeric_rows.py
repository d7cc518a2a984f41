from datetime import UTC, datetime

import numpy as np
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import open_dataset
from maestro_ml.validation import numeric_rows
from maestro_ml.validation.numeric_rows import random_rows, texts
from maestro_ml.validation.rows import LocalRows


@pytest.fixture
def january(tmp_path, dataset_project, events):
    """Provide 2024's first 700 hours: x counts them, every tenth is missing."""
    frame = events(x=[None if i % 10 == 0 else float(i) for i in range(700)], place=[f"p{i}" for i in range(700)])
    frame.loc[3, "x"] = np.inf
    frame.to_parquet(tmp_path / "events.parquet", row_group_size=100)
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}, "place": {"type": "string"}}
    project = dataset_project(source={"kind": "parquet", "path": "events.parquet"}, timestamp="at", columns=columns)
    with open_dataset(project, "events") as opened:
        yield LocalRows(opened, Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)))


def test_as_many_rows_as_requested_and_the_same_in_every_run(january):
    first, second, other = (random_rows(january, ["x"], 200, seed) for seed in (1, 1, 2))
    assert first.numbers.shape == (200, 1)
    assert np.array_equal(first.numbers, second.numbers, equal_nan=True)
    assert not np.array_equal(first.numbers, other.numbers, equal_nan=True)
    assert len(set(first.places)) == 200


def test_places_lead_back_to_the_rows(january):
    rows = random_rows(january, ["x"], 300, 0)
    backwards = rows.places[::-1].tolist()
    for number, (place, text) in zip(rows.numbers[::-1, 0], texts(january, ["place", "x"], backwards), strict=True):
        assert np.isnan(number) if text is None else text == "inf" or place == f"p{number:.0f}"


def test_fewer_rows_than_requested_are_all_there_as_they_are_in_batches(january, monkeypatch):
    rows = random_rows(january, ["x"], 10_000, 0)
    assert rows.places.tolist() == list(range(700))
    assert rows.numbers[3, 0] == np.finfo(np.float32).max
    assert np.isnan(rows.numbers[0, 0])
    monkeypatch.setattr(numeric_rows, "ROWS_AT_ONCE", 64)
    parts = list(numeric_rows.batches(january, ["x"]))
    assert len(parts) > 1
    assert np.array_equal(np.concatenate([part.numbers for part in parts]), rows.numbers, equal_nan=True)
    assert np.array_equal(np.concatenate([part.places for part in parts]), rows.places)


def test_every_row_is_as_likely_as_any_other(january):
    places = np.concatenate([random_rows(january, ["x"], 100, seed).places for seed in range(60)])
    counts = np.bincount(places // 100)
    assert counts.min() > 700  # of about 857 expected for each hundred, spread 27
    assert counts.max() < 1_000
