"""A shop that has Python of its own beside maestro.yaml."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

SALES = {
    "source": {"kind": "parquet", "path": "sales.parquet"},
    "timestamp": "at",
    "window": "10d",
    "columns": {"at": {"type": "timestamp"}, "x": {"type": "number"}, "y": {"type": "integer"}},
}
OWN = {"dataset": "sales", "label": "y", "columns": ["x"], "gate": {"above": 0.6}, "register": {"name": "own"}}


@pytest.fixture
def shop_with(tmp_path: Path) -> Callable[..., Path]:
    """Provide `shop_with(files, keys of the dataset `sales`, keys of the model `own`)`: the folder.

    Forty days of sales.
    """

    def make(files: Mapping[str, str], sales: Mapping[str, object], own: Mapping[str, object]) -> Path:
        folder = tmp_path / "shop"
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        at = pd.date_range("2024-01-01", periods=40 * 24, freq="h", tz="UTC")
        x = np.random.default_rng(0).normal(size=len(at))
        pd.DataFrame({"at": at, "x": x, "y": (x > 0).astype(int)}).to_parquet(folder / "sales.parquet")
        document = {"name": "shop", "datasets": {"sales": {**SALES, **sales}}, "models": {"own": {**OWN, **own}}}
        (folder / "maestro.yaml").write_text(yaml.safe_dump(document))
        return folder

    return make
