from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A local folder, and fsspec's in-memory file system in the part of a bucket."""
    if request.param == "folder":
        yield str(tmp_path / "runs")
        return
    name = f"bucket-{uuid4().hex}"
    yield f"memory://{name}"
    memory = fsspec.filesystem("memory")
    if memory.exists(f"/{name}"):
        memory.rm(f"/{name}", recursive=True)
