"""The files behind a dataset, named as a project names them."""

import hashlib

import pytest

from maestro_ml.tables.file_digests import file_digests

CONTENT = b"PAR1"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "a.parquet").write_bytes(CONTENT)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "uri", "name"),
    [
        ("lake", "lake", "lake/a.parquet"),
        ("lake/a.parquet", "lake/a.parquet", "lake/a.parquet"),
        ("../lake", "lake", "lake/a.parquet"),
        ("../../elsewhere/lake/a.parquet", "lake/a.parquet", "a.parquet"),
    ],
)
def test_a_file_is_named_from_the_source_of_the_project(folder, path, uri, name):
    [found] = file_digests(str(folder / uri), path)
    assert (found.name, found.bytes) == (name, len(CONTENT))
    assert found.digest == f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
