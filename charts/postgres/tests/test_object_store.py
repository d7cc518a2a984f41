"""Copying backups to an object store and back: in a folder always, in a bucket where a MinIO program is at hand."""

import datetime
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "files" / "object_store.py"
OWNER = "ml/maestro"
NEW, OLD, OLDEST = "20260103T000000Z", "20260102T000000Z", "20260101T000000Z"


@pytest.fixture(scope="session")
def bucket(program, free_port, tmp_path_factory):
    """Provide the environment that reaches an empty bucket named `maestro`."""
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
    """Provide an empty place for backups, and the environment that reaches it."""
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


def backup(folder, name, content="dump", databases=("airflow",)):
    (folder / name).mkdir(parents=True)
    for database in databases:
        (folder / name / f"{database}.dump").write_text(content)
    sums = "".join(f"{hashlib.sha256(content.encode()).hexdigest()}  {database}.dump\n" for database in databases)
    (folder / name / "SHA256SUMS").write_text(sums)
    return folder


def test_a_backup_goes_and_comes_back(store, tmp_path):
    uri, environment = store
    run(environment, "upload", backup(tmp_path / "from", NEW, "the dump"), uri, 7, OWNER)
    run(environment, "download", uri, NEW, tmp_path / "to")
    assert (tmp_path / "to" / NEW / "airflow.dump").read_text() == "the dump"
    assert (tmp_path / "to" / NEW / "SHA256SUMS").read_text().endswith("  airflow.dump\n")


def test_the_oldest_go_and_the_latest_is_found(store, tmp_path):
    uri, environment = store
    for name in (OLDEST, OLD, NEW):
        backup(tmp_path / "from", name)
    assert f"deleted {OLDEST}/airflow.dump" in run(environment, "upload", tmp_path / "from", uri, 2, OWNER)
    run(environment, "download", uri, "latest", tmp_path / "to")
    assert [path.name for path in (tmp_path / "to").iterdir()] == [NEW]
    assert f"it holds: {OLD} {NEW}" in run(environment, "download", uri, OLDEST, tmp_path / "to", ok=False)


def test_an_interrupted_upload_is_no_backup(folder_store, tmp_path):
    uri, environment = folder_store
    folder = backup(tmp_path / "from", NEW)
    (folder / NEW / "SHA256SUMS").unlink()
    run(environment, "upload", folder, uri, 7, OWNER)
    assert "holds no backup 'latest'" in run(environment, "download", uri, "latest", tmp_path / "to", ok=False)


def test_the_newest_dumps_of_each_database_stay(store, tmp_path):
    uri, environment = store
    backup(tmp_path / "from", OLDEST, databases=("airflow", "feast"))
    for name in (OLD, NEW):
        backup(tmp_path / "from", name)
    run(environment, "upload", tmp_path / "from", uri, 2, OWNER)
    run(environment, "download", uri, "latest", tmp_path / "feast", "feast")
    assert sorted(path.name for path in (tmp_path / "feast" / OLDEST).iterdir()) == ["SHA256SUMS", "feast.dump"]
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path / "feast" / OLDEST, check=True)
    run(environment, "download", uri, "latest", tmp_path / "airflow", "airflow")
    assert [path.name for path in (tmp_path / "airflow").iterdir()] == [NEW]


def test_where_no_backup_holds_all_that_is_wanted_the_newest_comes(folder_store, tmp_path):
    uri, environment = folder_store
    run(environment, "upload", backup(tmp_path / "from", NEW), uri, 2, OWNER)
    run(environment, "download", uri, "latest", tmp_path / "to", "airflow", "feast")
    assert [path.name for path in (tmp_path / "to").iterdir()] == [NEW]


def test_an_upload_that_was_interrupted_long_ago_goes_and_a_young_one_stays(folder_store, tmp_path):
    uri, environment = folder_store
    young = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    for name in (OLDEST, young):
        backup(tmp_path / "store", name)
        (tmp_path / "store" / name / "SHA256SUMS").unlink()
    said = run(environment, "upload", backup(tmp_path / "from", NEW), uri, 1, OWNER)
    assert f"deleted {OLDEST}, which was never finished" in said
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [NEW, young, "OWNER"]


def test_a_place_has_one_owner_and_nobody_else_deletes_there(store, tmp_path):
    uri, environment = store
    run(environment, "upload", backup(tmp_path / "first", OLD, "theirs"), uri, 1, OWNER)
    said = run(environment, "upload", backup(tmp_path / "second", NEW), uri, 1, "ml/staging", ok=False)
    assert "belong to the release ml/maestro: give ml/staging another place in postgres.backup.s3.uri" in said
    run(environment, "download", uri, "latest", tmp_path / "to")
    assert (tmp_path / "to" / OLD / "airflow.dump").read_text() == "theirs"
    run(environment, "upload", backup(tmp_path / "third", NEW), uri, 1, OWNER)


LOSSY = """
import sys, fsspec, runpy
from fsspec.implementations.local import LocalFileSystem
put = LocalFileSystem.put_file
def lossy(self, here, there, **options):
    put(self, here, there, **options)
    with open(there, "r+b") as file:
        file.write(b"X")
LocalFileSystem.put_file = lossy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_copy_that_is_not_the_same_is_an_error_and_no_backup(folder_store, tmp_path):
    uri, environment = folder_store
    command = [sys.executable, "-c", LOSSY, SCRIPT, "upload", backup(tmp_path / "from", NEW), uri, "7", OWNER]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "airflow.dump is not what was copied there" in done.stderr
    assert "holds no backup 'latest'" in run(environment, "download", uri, "latest", tmp_path / "to", ok=False)


BROKEN = """
import sys, runpy
from fsspec.implementations.local import LocalFileSystem
put = LocalFileSystem.put_file
def broken(self, here, there, **options):
    if there.endswith("feast.dump"):
        raise OSError("the connection was lost")
    put(self, here, there, **options)
LocalFileSystem.put_file = broken
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_an_upload_that_breaks_off_leaves_no_backup_and_the_next_one_ends_it(folder_store, tmp_path):
    uri, environment = folder_store
    folder = backup(tmp_path / "from", NEW, databases=("airflow", "feast"))
    command = [sys.executable, "-c", BROKEN, SCRIPT, "upload", folder, uri, "7", OWNER]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "the connection was lost" in done.stderr
    assert "holds no backup 'latest'" in run(environment, "download", uri, "latest", tmp_path / "to", ok=False)
    run(environment, "upload", folder, uri, 7, OWNER)
    run(environment, "download", uri, "latest", tmp_path / "to")
    assert len([*(tmp_path / "to" / NEW).iterdir()]) == 3


def test_nothing_to_upload_is_an_error(folder_store, tmp_path):
    uri, environment = folder_store
    assert "there is no backup under" in run(environment, "upload", tmp_path, uri, 7, OWNER, ok=False)


@pytest.mark.parametrize(
    "arguments",
    [(), ("upload", "a", "b", "7"), *(("upload", "a", "b", keep, "o") for keep in ("0", "-1")), ("list", "a")],
)
def test_a_wrong_call_shows_how_to_call_it(arguments):
    assert "upload SOURCE URI KEEP" in run(dict(os.environ), *arguments, ok=False)
