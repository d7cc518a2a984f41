"""The run store: what is written is there whole or not at all, in a folder and in a bucket."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from pydantic import BaseModel

from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.store import StoreError, is_local, path_segment


class Note(BaseModel):
    text: str


@pytest.fixture
def folder(store: str) -> StepFolder:
    folder = StepFolder.of_run(store, "dag", "run", "train", "model")
    folder.write("other.txt", b"other")
    return folder


def test_what_is_written_reads_back(folder: StepFolder) -> None:
    uri = folder.write("a.txt", b"one")
    assert uri == folder.path("a.txt") == f"{folder.uri}/a.txt"
    with folder.reading("a.txt") as file:
        assert file.read_bytes() == b"one"
    folder.write_model("note.json", Note(text="ü"))
    assert folder.read_model("note.json", Note).text == "ü"


def test_writing_again_replaces(folder: StepFolder) -> None:
    folder.write("a.txt", b"a longer text")
    folder.write("a.txt", b"two")
    with folder.reading("a.txt") as file:
        assert file.read_bytes() == b"two"


def test_an_error_while_writing_leaves_nothing(folder: StepFolder) -> None:
    with pytest.raises(ZeroDivisionError):
        break_while_writing(folder, "a.txt")
    assert not folder.exists("a.txt")
    assert names(folder) == ["other.txt"]


def test_an_error_while_replacing_keeps_what_was_there(folder: StepFolder) -> None:
    with pytest.raises(ZeroDivisionError):
        break_while_writing(folder, "other.txt")
    with folder.reading("other.txt") as file:
        assert file.read_bytes() == b"other"


def test_a_local_file_is_read_where_it_is_and_one_of_a_bucket_from_a_copy_that_goes(folder: StepFolder) -> None:
    filesystem, path = fsspec.core.url_to_fs(folder.path("other.txt"))
    with folder.reading("other.txt") as file:
        assert (str(file) == path) == is_local(filesystem)
        assert file.name == "other.txt"
    assert file.exists() == is_local(filesystem)


def test_a_reader_never_sees_half_a_file(folder: StepFolder) -> None:
    with folder.writing("a.txt") as file:
        file.write_bytes(b"half")
        assert not folder.exists("a.txt")
        file.write_bytes(b"whole")
    assert folder.exists("a.txt")


def test_discarding_is_idempotent(folder: StepFolder) -> None:
    folder.discard("other.txt")
    folder.discard("other.txt")
    assert not folder.exists("other.txt")


def test_what_is_missing_names_the_step_that_makes_it(folder: StepFolder) -> None:
    with pytest.raises(StoreError, match=r"evaluate/model/result\.json is not there: has the step 'evaluate'"):
        folder.of_step("evaluate").read_model("result.json", Note)


def test_steps_of_a_run_find_each_other(folder: StepFolder) -> None:
    assert folder.of_step("evaluate").of_step("train").uri == folder.uri
    assert folder.of_step("evaluate").target == "model"


def test_sweeping_removes_only_what_is_unfinished(tmp_path: Path) -> None:
    folder = StepFolder.of_run(str(tmp_path), "dag", "run", "train")
    folder.write("a.txt", b"a")
    (Path(folder.uri) / ".unfinished-x").mkdir()
    (Path(folder.uri) / ".unfinished-x" / "b.txt").write_text("half")
    folder.sweep()
    assert names(folder) == ["a.txt"]
    StepFolder.of_run(str(tmp_path), "dag", "run", "never").sweep()


@pytest.mark.parametrize("run", ["manual__2013-12-01T00:00:00+00:00", "a b", "../../etc", "..", ".", "ü/ö", "a\nb"])
def test_any_run_id_is_one_folder_inside_the_store(run: str, tmp_path: Path) -> None:
    folder = StepFolder.of_run(str(tmp_path), "dag", run, "train", "model")
    folder.write("a.txt", b"a")
    assert [p.relative_to(tmp_path).parts[0] for p in tmp_path.rglob("a.txt")] == ["dag"]
    assert len(Path(folder.uri).resolve().relative_to(tmp_path).parts) == 4


def test_runs_whose_names_only_differ_in_odd_characters_get_different_folders() -> None:
    uris = {StepFolder.of_run("s", "dag", run, "train").uri for run in ("a b", "a/b", "a-b", "a?b")}
    assert len(uris) == 4


@pytest.mark.parametrize("store", ["nope://bucket", "s3://user:hunter2@bucket"])
def test_a_store_that_cannot_be_reached_is_said_without_its_password(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(f"no entry at {store}")

    if store.startswith("s3"):
        monkeypatch.setattr(fsspec.core, "url_to_fs", refuse)
    with pytest.raises(StoreError, match="cannot be used: ") as caught:
        StepFolder.of_run(store, "dag", "run", "train").write("a.txt", b"a")
    assert "hunter2" not in str(caught.value)
    assert caught.value.exit_code == 3


def break_while_writing(folder: StepFolder, name: str) -> None:
    with folder.writing(name) as file:
        file.write_bytes(b"half")
        raise ZeroDivisionError


def names(folder: StepFolder) -> list[str]:
    filesystem, path = fsspec.core.url_to_fs(folder.uri)
    return sorted(Path(found).name for found in filesystem.ls(path, detail=False))


def test_the_name_of_a_scheduled_run_is_kept_but_for_its_colons() -> None:
    uri = StepFolder.of_run("s/", "a_dag", "manual__2013-12-01T00:00:00.5+00:00", "train", "first").uri
    assert uri == "s/a_dag/manual__2013-12-01T00-00-00.5+00-00/train/first"
    assert StepFolder("s/a_dag/r", "train").store == "s"


def test_a_file_that_is_being_written_is_none_of_the_names(folder: StepFolder) -> None:
    with folder.writing("a.txt") as file:
        file.write_bytes(b"half")
        assert folder.names("") == ["other.txt"]
    assert folder.names("") == folder.names(".txt") == ["a.txt", "other.txt"]
    assert folder.names(".json") == folder.of_step("never").names("") == []


class Remembering(MemoryFileSystem):
    """A bucket whose client remembers what it has listed, as those of S3 and GCS do."""

    protocol = "remembering"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("remembering://").strip("/")

    def ls(self, path: str, detail: bool = True, **_: object) -> list[Any]:
        path = self._strip_protocol(path)
        if path not in self.dircache:
            self.dircache[path] = super().ls(path, detail=True)
        found: list[Any] = self.dircache[path]
        return found if detail else [each["name"] for each in found]

    def invalidate_cache(self, path: str | None = None) -> None:
        self.dircache.clear()


def test_files_that_another_process_wrote_since_the_last_look_are_among_the_names() -> None:
    fsspec.register_implementation("remembering", Remembering, clobber=True)
    bucket = f"bucket-{uuid4().hex}"
    folder = StepFolder.of_run(f"remembering://{bucket}", "dag", "run", "train")
    folder.write("a.txt", b"a")
    assert folder.names(".txt") == ["a.txt"]
    memory = fsspec.filesystem("memory")
    memory.pipe_file(f"/{bucket}/dag/run/train/b.txt", b"of another process")
    assert folder.names(".txt") == ["a.txt", "b.txt"]
    memory.rm(f"/{bucket}", recursive=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("manual__2024-01-01T00:00:00+00:00", "manual__2024-01-01T00-00-00+00-00"),
        ("manual__2024-01-01T00:00:00+00:00", "manual__2024-01-01T00:00:00+00-00"),
        ("manual__2024-01-01T00:00", "manual__2024-01-01T00-00"),
        ("a:b", "a-b"),
        ("a/b", "a-b"),
        ("a b", "a b "),
        (".a", "a"),
    ],
)
def test_different_names_get_different_folders(first, second):
    assert path_segment(first) != path_segment(second)


def test_the_folder_of_a_run_of_airflow_is_its_id_with_dashes_for_colons():
    assert path_segment("scheduled__2024-01-01T00:00:00+00:00") == "scheduled__2024-01-01T00-00-00+00-00"
    assert path_segment("manual__2024-01-01T00:00:00.123456+00:00") == "manual__2024-01-01T00-00-00.123456+00-00"
