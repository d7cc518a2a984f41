import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import fsspec
import pandas as pd
import pytest
from small_training import FOREST, YAML, Setting, folder, record_of, trips

from maestro_ml.project import Project, load_project
from maestro_ml.steps.build_features import TRAINING_SET, BuildFeaturesResult
from maestro_ml.training.examples import TrainingSet


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide a local folder, and fsspec's in-memory file system in the part of a bucket."""
    if request.param == "folder":
        yield str(tmp_path / "runs")
        return
    name = f"bucket-{uuid4().hex}"
    yield f"memory://{name}"
    memory = fsspec.filesystem("memory")
    if memory.exists(f"/{name}"):
        memory.rm(f"/{name}", recursive=True)


@pytest.fixture
def store_uri(empty_tracking_store: Path, tmp_path: Path) -> str:
    """Provide an empty tracking store of the test's own."""
    shutil.copy(empty_tracking_store, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow.db"


@pytest.fixture
def setting(tmp_path: Path, store_uri: str) -> Setting:
    """Provide `setting(frame=..., above=..., estimator=..., uri=...)`: a project whose build_features is done."""

    def make(
        frame: pd.DataFrame | None = None,
        above: float = 0.7,
        estimator: str = FOREST,
        uri: str = store_uri,
        beat_baseline: str = "true",
    ) -> Project:
        text = YAML.format(above=above, estimator=estimator, uri=uri, beat_baseline=beat_baseline)
        (tmp_path / "maestro.yaml").write_text(text)
        rows = trips() if frame is None else frame
        built = folder(tmp_path, "build_features")
        with built.writing(TRAINING_SET) as file:
            rows.to_parquet(file)
        digest = hashlib.sha256(Path(built.path(TRAINING_SET)).read_bytes()).hexdigest()
        description = TrainingSet(rows=len(rows), features=["x", "kind"], label="late", timestamp="at", sha256=digest)
        result = BuildFeaturesResult(outcome="passed", summary="", training_set=description)
        built.write_model("result.json", record_of(result, built))
        return load_project(tmp_path)

    return make
