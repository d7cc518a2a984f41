"""What a path, a folder or a glob stands for."""

from pathlib import Path

import fsspec
import pytest

from maestro_ml.data import DataError
from maestro_ml.data.engine import connect
from maestro_ml.data.files import find_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.parquet", "day=1/a.parquet", "day=1/.hidden.parquet", "day=1/notes.txt", "day=2/[x].parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize("pattern", ["", "b.parquet", "*/*.parquet", "**/*.parquet", "day=?", "day=[12]/a*"])
def test_a_local_path_stands_for_what_it_stands_for_in_fsspec(folder: Path, pattern: str) -> None:
    path = f"{folder}/{pattern}".rstrip("/")
    with connect() as connection:
        assert find_files(connection, path, ".parquet") == find_files(connection, f"file://{path}", ".parquet")


def test_a_relative_path_starts_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with connect() as connection:
        assert find_files(connection, "b.parquet", ".parquet") == [f"{folder}/b.parquet"]


def test_a_place_without_files_is_named(folder: Path) -> None:
    with connect() as connection, pytest.raises(DataError, match=r"no parquet file at .*day=3"):
        find_files(connection, f"{folder}/day=3", ".parquet")


def test_another_filesystem_is_read_through_fsspec(folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/files-test/a.parquet", b"")
    try:
        with connect() as connection:
            assert find_files(connection, "memory://files-test", ".parquet") == ["memory:///files-test/a.parquet"]
    finally:
        memory.rm("/files-test", recursive=True)
