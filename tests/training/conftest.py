"""Small training sets, and one MLflow store for all tests here (making one costs seconds)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import Window
from maestro_ml.training.examples import Examples, TrainingSet
from maestro_ml.training.tracking.client import mlflow_client

START = datetime(2024, 1, 1, tzinfo=UTC)
Write = Callable[..., tuple[Path, TrainingSet]]


@pytest.fixture
def window() -> Window:
    """Provide ten days; `frame` has a row an hour in it."""
    return Window(START, START + timedelta(days=10))


@pytest.fixture
def frame(window: Window) -> pd.DataFrame:
    """Provide 240 rows: two numbers, a text and a boolean with holes, and a label that follows the first number."""
    rng = np.random.default_rng(0)
    moments = pd.date_range(window.start, window.end, freq="1h", inclusive="left")
    first = rng.normal(size=len(moments))
    return pd.DataFrame(
        {
            "at": moments,
            "first": np.where(rng.random(len(moments)) < 0.1, np.nan, first),
            "second": rng.integers(0, 5, len(moments)),
            "kind": rng.choice(np.array(["a", "b", None], dtype=object), len(moments)),
            "flag": rng.choice(np.array([True, False, None], dtype=object), len(moments)),
            "label": first > 0,
        }
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Provide `write(frame)`: its Parquet file and what the columns are for."""

    def run(frame: pd.DataFrame, **changes: Any) -> tuple[Path, TrainingSet]:
        file = tmp_path / "training_set.parquet"
        frame.to_parquet(file)
        features = [name for name in frame.columns if name not in ("at", "label")]
        description = {"rows": len(frame), "features": features, "label": "label", "timestamp": "at", "sha256": ""}
        return file, TrainingSet.model_validate(description | changes)

    return run


@pytest.fixture
def examples(frame: pd.DataFrame) -> Examples:
    """Provide the rows of `frame` with the numbers and the text only, as a reader gives them."""
    features = frame[["first", "second", "kind"]].astype({"second": float})
    return Examples(features, frame["label"].to_numpy().astype(int))


@pytest.fixture(scope="session")
def tracking_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Provide a SQLite tracking store and registry. Tests keep apart by experiment and registered name."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"
    with mlflow_client(uri) as client:
        client.search_experiments()
    return uri
