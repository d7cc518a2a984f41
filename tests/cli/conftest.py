from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from clinic import CONTRACT, people


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Provide `write(source=..., ...)`, which makes a project in a folder of its own whose dataset is `people`."""

    def project(source: dict | None = None, **dataset: object) -> Path:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        (tmp_path / "data").mkdir(exist_ok=True)
        given = {"timestamp": "at", "timezone": "UTC", "window": "10d", "columns": CONTRACT, "keys": ["name"]}
        parquet = {"kind": "parquet", "path": "../data/people.parquet"}
        others = {**given, "source": {"kind": "parquet", "path": "../data/others.parquet"}}
        people_ = {**given, "source": source or parquet, **dataset}
        text = yaml.safe_dump({"name": "clinic", "datasets": {"people": people_, "others": others}})
        (folder / "maestro.yaml").write_text(text)
        people().to_parquet(tmp_path / "data" / "people.parquet")
        people(300).to_parquet(tmp_path / "data" / "others.parquet")
        return folder

    return project
