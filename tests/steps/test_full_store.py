"""A run store that is full: every step that writes a large file names the file, and what was there stays."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_disk import small_disk
from small_training import Setting, run, trips

from maestro_ml.steps.store import StoreError


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    """Provide the run store of the small project, on a file system of 400 kB."""
    with small_disk(tmp_path / "runs", "400k") as folder:
        yield folder


def fill(folder: Path, left: int) -> Path:
    free = os.statvfs(folder)
    file = folder / "filling"
    file.write_bytes(b"x" * (free.f_bavail * free.f_frsize - left))
    return file


def content(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != "filling")
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.mark.parametrize("left", [0, 4096])
@pytest.mark.parametrize(("step", "file"), [("build_features", "training_set.parquet"), ("train", "model.skops")])
def test_a_step_names_the_file_that_does_not_fit(
    setting: Setting, tmp_path: Path, runs: Path, step: str, file: str, left: int
) -> None:
    project = setting()
    trips().to_parquet(tmp_path / "trips.parquet")
    before = content(runs)
    filling = fill(runs, left)
    with pytest.raises(StoreError) as raised:
        run(project, step)
    message = str(raised.value)
    assert "no space left on device" in message
    assert str(runs / "model_training_pipeline" / "run" / step) in message
    assert content(runs) == before
    filling.unlink()
    run(project, step)
    assert any(name.endswith(file) for name in content(runs))
