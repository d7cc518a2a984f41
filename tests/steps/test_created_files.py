"""What a store does to the files beside the one it writes, and where two processes can collide in it."""

import errno
import os
import tempfile
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.store import FAILURE, RESULT, TRACEBACK, Folder, StoreError, path_segment, write_together


class Plain(MemoryFileSystem):
    """A bucket of a kind that has no conditional writes."""

    protocol = "plain"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("plain://").strip("/")


@pytest.fixture
def plain() -> Folder:
    fsspec.register_implementation("plain", Plain, clobber=True)
    return Folder(f"plain://bucket-{uuid4().hex}")


def test_a_store_without_conditional_writes_says_so_and_takes_the_last_file(plain: Folder, tmp_path: Path) -> None:
    assert (Folder(str(tmp_path)).creates, Folder("memory://b").creates, plain.creates) == (True, True, False)
    assert plain.create("a.json", b"one")
    assert plain.create("a.json", b"two")
    assert plain.read_all(["a.json"]) == {"a.json": b"two"}


@pytest.mark.parametrize(
    ("uri", "creates"), [("s3://b", True), ("s3a://b", True), ("gs://b", True), ("gcs://b", True), ("abfs://b", False)]
)
def test_only_some_buckets_write_on_the_condition_that_there_is_no_file(
    uri: str, creates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent: the addresses only keep the clients from looking for logins."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:9/a"
    )
    assert Folder(uri).creates is creates


def test_the_reason_of_a_store_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as raised:
        Folder(f"{tmp_path}/file").write("a", b"")
    assert str(raised.value) == f"the run store at {tmp_path}/file/a cannot be used: file exists: {tmp_path}/file"


def test_a_file_is_created_once(store: str) -> None:
    folder = Folder(f"{store}/ledger/late")
    assert folder.creates
    assert folder.create("1.json", b"one")
    assert not folder.create("1.json", b"two")
    assert folder.create("1.json", b"one")  # a try again, after an answer that was lost
    assert folder.read_all(folder.names(".json")) == {"1.json": b"one"}


def test_creating_makes_the_folder_and_leaves_nothing_unfinished(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "deep" / "folder"))
    assert folder.create("a.json", b"one")
    assert [file.name for file in (tmp_path / "deep" / "folder").iterdir()] == ["a.json"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_links_creates_all_the_same(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal is made up: a file system without links, such as SMB, would have to be mounted."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    assert Folder(str(tmp_path)).create("a.json", b"one")
    assert not Folder(str(tmp_path)).create("a.json", b"two")
    assert (tmp_path / "a.json").read_bytes() == b"one"


def test_a_file_that_could_not_be_created_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is made up: a disk that is full at the link, and had room for the file, cannot be had."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(StoreError, match=r"a\.json cannot be used: no space left on device"):
        Folder(str(tmp_path)).create("a.json", b"one")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [RESULT, TRACEBACK, FAILURE, "report.html"])
def test_the_result_of_an_earlier_attempt_goes_only_where_other_files_are_written(store: str, name: str) -> None:
    folder = Folder(f"{store}/run")
    folder.write(RESULT, b"earlier")
    folder.write(name, b"new")
    assert folder.exists(RESULT) is (name != "report.html")
    assert folder.read_all([name]) == {name: b"new"}
    assert folder.exists("never") is False


def test_the_result_stays_until_the_other_file_is_complete(store: str) -> None:
    folder = Folder(f"{store}/run")
    folder.write(RESULT, b"earlier")
    with folder.writing("report.html") as file:
        file.write_bytes(b"new")
        assert folder.exists(RESULT)
    assert not folder.exists(RESULT)


def test_files_that_cannot_be_read_are_left_out(store: str) -> None:
    folder = Folder(f"{store}/run")
    folder.write("a.json", b"a")
    assert folder.read_all(["a.json", "gone.json"]) == {"a.json": b"a"}
    assert folder.read_all(name for name in ()) == {}
    assert Folder("nope://bucket").read_all([]) == {}


def test_of_several_files_none_is_replaced_before_all_are_written(store: str) -> None:
    first, second = Folder(f"{store}/one"), Folder(f"{store}/two")
    assert write_together([(first, "a", b"1"), (second, "b", b"2")]) == [first.path("a"), second.path("b")]

    def files() -> object:
        yield first, "a", b"3"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_together(files())  # type: ignore[arg-type]
    assert (first.read_all(["a"]), second.read_all(["b"])) == ({"a": b"1"}, {"b": b"2"})


def test_a_folder_that_is_no_steps_says_only_that_the_file_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as raised, Folder(f"{tmp_path}/x").reading("a.json"):
        pass
    assert str(raised.value) == f"{tmp_path}/x/a.json is not there"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES])
def test_a_write_that_does_not_fit_names_the_file(number: int, tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    expected = OSError if number == errno.EACCES else StoreError
    with pytest.raises(expected) as raised, folder.writing("a.txt"):
        raise OSError(number, "full")
    if expected is StoreError:
        assert str(raised.value) == f"{tmp_path}/a.txt cannot be written: no space left on device"


def test_a_file_for_a_bucket_that_does_not_fit_here_names_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(StoreError) as raised, Folder(f"memory://{uuid4().hex}").writing("a.txt"):
        raise OSError(errno.ENOSPC, "full")
    assert str(raised.value) == f"{tmp_path} cannot be written: no space left on device"


def test_a_step_knows_its_run_and_its_store() -> None:
    folder = StepFolder.of_run("s3://bucket/runs/", "dag", "run", "train", "model")
    assert (folder.uri, folder.run_uri) == ("s3://bucket/runs/dag/run/train/model", "s3://bucket/runs/dag/run")
    assert (folder.store, folder.run_name, folder.step, folder.target) == (
        "s3://bucket/runs",
        "dag/run",
        "train",
        "model",
    )
    whole = StepFolder.of_run("s", "dag", "run", "materialize")
    assert (whole.uri, whole.target) == ("s/dag/run/materialize", "")
    assert whole.of_step("verify_online").uri == "s/dag/run/verify_online"


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("plain_name-1.2=3+4", "plain_name-1.2=3+4"),
        ("a b", "a-b-c8687a08"),
        (".hidden", "hidden-"),
        ("run T10:20", "run-T10-20-"),
    ],
)
def test_a_segment_keeps_what_it_can_of_a_name(name: str, segment: str) -> None:
    found = path_segment(name)
    assert found.startswith(segment)
    assert len(found) in (len(segment), len(segment) + 8)


def test_only_in_a_local_store_others_are_kept_out(store: str) -> None:
    folder = StepFolder.of_run(store, "dag", "run", "train", "a model")
    local, waits, entered = not store.startswith("memory:"), Event(), Event()

    def second() -> None:
        with folder.alone(waits.set):
            entered.set()

    with folder.alone(lambda: pytest.fail("the first one waits")):
        thread = Thread(target=second)
        thread.start()
        assert (waits if local else entered).wait(60)
        assert entered.is_set() is not local
    thread.join(60)
    assert entered.is_set()
    assert waits.is_set() is local
