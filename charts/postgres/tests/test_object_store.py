"""Copying backups to an object store and back: in a folder always, in a bucket where a MinIO program is at hand."""

import importlib.util
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "files" / "object_store.py"
NEW, OLD, OLDEST = "20260103T000000Z", "20260102T000000Z", "20260101T000000Z"


@pytest.fixture(scope="session")
def bucket(program, free_port, tmp_path_factory):
    """The environment that reaches an empty bucket named `maestro`."""
    if not importlib.util.find_spec("s3fs"):
        pytest.skip("s3fs is missing: make install")
    data, port = tmp_path_factory.mktemp("minio"), free_port()
    (data / "maestro").mkdir()
    login = {"MINIO_ROOT_USER": "maestro", "MINIO_ROOT_PASSWORD": "maestro-test"}
    command = [program("minio"), "server", "--quiet", "--address", f"127.0.0.1:{port}", data]
    with subprocess.Popen(
        command, env=os.environ | login, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/minio/health/ready", timeout=5)
                    break
                except OSError:
                    time.sleep(0.1)
            yield os.environ | {
                "AWS_ACCESS_KEY_ID": "maestro",
                "AWS_SECRET_ACCESS_KEY": "maestro-test",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
        finally:
            server.terminate()


@pytest.fixture
def folder_store(tmp_path):
    """An empty place for backups, and the environment that reaches it."""
    return f"file://{tmp_path}/store", dict(os.environ)


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    if request.param == "folder":
        return request.getfixturevalue("folder_store")
    return f"s3://maestro/{tmp_path.name}", request.getfixturevalue("bucket")


def run(environment, *arguments, ok=True):
    done = subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def backup(folder, name, content="dump"):
    (folder / name).mkdir(parents=True)
    (folder / name / "airflow.dump").write_text(content)
    (folder / name / "SHA256SUMS").write_text("sums")
    return folder


def test_a_backup_goes_and_comes_back(store, tmp_path):
    uri, environment = store
    run(environment, "upload", backup(tmp_path / "from", NEW, "the dump"), uri, 7)
    run(environment, "download", uri, NEW, tmp_path / "to")
    assert (tmp_path / "to" / NEW / "airflow.dump").read_text() == "the dump"
    assert (tmp_path / "to" / NEW / "SHA256SUMS").read_text() == "sums"


def test_the_oldest_go_and_the_latest_is_found(store, tmp_path):
    uri, environment = store
    for name in (OLDEST, OLD, NEW):
        backup(tmp_path / "from", name)
    assert f"deleted {OLDEST}" in run(environment, "upload", tmp_path / "from", uri, 2)
    run(environment, "download", uri, "latest", tmp_path / "to")
    assert [path.name for path in (tmp_path / "to").iterdir()] == [NEW]
    assert f"it holds: {OLD} {NEW}" in run(environment, "download", uri, OLDEST, tmp_path / "to", ok=False)


def test_an_interrupted_upload_is_no_backup(folder_store, tmp_path):
    uri, environment = folder_store
    folder = backup(tmp_path / "from", NEW)
    (folder / NEW / "SHA256SUMS").unlink()
    run(environment, "upload", folder, uri, 7)
    assert "holds no backup 'latest'" in run(environment, "download", uri, "latest", tmp_path / "to", ok=False)


def test_nothing_to_upload_is_an_error(folder_store, tmp_path):
    uri, environment = folder_store
    assert "there is no backup under" in run(environment, "upload", tmp_path, uri, 7, ok=False)


@pytest.mark.parametrize(
    "arguments", [(), ("upload", "a", "b"), ("upload", "a", "b", "0"), ("upload", "a", "b", "-1"), ("list", "a")]
)
def test_a_wrong_call_shows_how_to_call_it(arguments):
    assert "upload SOURCE URI KEEP" in run(dict(os.environ), *arguments, ok=False)
