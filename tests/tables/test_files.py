"""What a path, a folder or a glob stands for, and what is left out."""

import os
from pathlib import Path

import fsspec
import pytest

from maestro_ml.tables import DataError
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.sources.file_kinds import PARQUET, csv_kind
from maestro_ml.tables.sources.files import Listing, find_files

CSV = csv_kind(",")
TABLE = b"at,n\n2024-01-01,1\n2024-01-02,2\n"
NO_DATA = ("README.md", "day=1/a.parquet.md5", "load.py", "day=1/chart.png")
HIDDEN = ("_SUCCESS", "_delta_log/0.parquet", "day=1/.ipynb_checkpoints/a.parquet", "_a.parquet", ".a.parquet.crc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.parquet", "day=1/a.parquet", "day=1/.hidden.parquet", "day=1/notes.txt", "day=2/[x].parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def write(folder: Path, *names: str, content: bytes = b"") -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(content)


def found(path: object, kind=PARQUET) -> Listing:
    with connect() as connection:
        return find_files(connection, str(path), kind)


def short(listing: Listing, folder: Path) -> list[str]:
    return [file.removeprefix(f"{folder}/") for file in listing.files]


@pytest.mark.parametrize("pattern", ["", "b.parquet", "*/*.parquet", "**/*.parquet", "day=?", "day=[12]/a*", "**", "*"])
def test_a_local_path_stands_for_what_it_stands_for_in_fsspec(folder: Path, pattern: str) -> None:
    path = f"{folder}/{pattern}".rstrip("/")
    memory = fsspec.filesystem("memory")
    for file in (file for file in folder.rglob("*") if file.is_file()):
        memory.pipe(f"/files-test{str(file).removeprefix(str(folder))}", file.read_bytes())
    try:
        local, there = found(path), found(f"memory://files-test/{pattern}".rstrip("/"))
    finally:
        memory.rm("/files-test", recursive=True)
    assert local == found(f"file://{path}")
    assert short(local, folder) == [file.removeprefix("memory:///files-test/") for file in there.files]
    assert local.left_out == there.left_out


def test_a_relative_path_starts_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert found("b.parquet").files == (f"{folder}/b.parquet",)


def test_a_folder_with_two_colons_in_its_name_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a::b").mkdir()
    (tmp_path / "a::b" / "c.parquet").touch()
    assert found(tmp_path / "a::b").files == (f"{tmp_path}/a::b/c.parquet",)


def test_a_place_without_files_is_named(folder: Path) -> None:
    with pytest.raises(DataError, match=r"no parquet file at .*day=3"):
        found(folder / "day=3")


def test_another_filesystem_is_read_through_fsspec(folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/files-test/a.parquet", b"")
    try:
        assert found("memory://files-test").files == ("memory:///files-test/a.parquet",)
    finally:
        memory.rm("/files-test", recursive=True)


@pytest.mark.parametrize("pattern", ["", "/**", "/**/*"])
def test_hidden_names_and_what_is_plainly_no_data_are_passed_over(tmp_path, pattern):
    write(tmp_path, "day=1/a.parquet", "_year=2024/c.parquet", *HIDDEN, *NO_DATA)
    write(tmp_path, "notes.txt", "LICENSE", content=b"Hello, reader;\nthis is a text.\n")
    assert short(found(f"{tmp_path}{pattern}"), tmp_path) == ["_year=2024/c.parquet", "day=1/a.parquet"]
    assert list(found(f"{tmp_path}{pattern}").left_out) == []


def test_what_the_user_names_is_read_whatever_its_name(tmp_path):
    write(tmp_path, "_own/_x/a.parquet", "_own/b.parquet", "_own/.c", "_own/_d.parquet")
    assert short(found(tmp_path / "_own"), tmp_path) == ["_own/b.parquet"]
    assert short(found(tmp_path / "_own/.c"), tmp_path) == ["_own/.c"]
    assert short(found(tmp_path / "_own/_*/*.parquet"), tmp_path) == ["_own/_x/a.parquet"]
    assert short(found(tmp_path / "_own/_*"), tmp_path) == ["_own/_d.parquet", "_own/_x/a.parquet"]


def test_the_case_of_letters_in_a_suffix_is_nothing(tmp_path):
    write(tmp_path, "A.PARQUET", "b.Parq", "c.pq", "d.snappy.parquet", "E.CSV", "f.csv.gz", "G.CSV.GZ", "h.csv.zst")
    assert short(found(tmp_path), tmp_path) == ["A.PARQUET", "b.Parq", "c.pq", "d.snappy.parquet"]
    assert short(found(tmp_path, CSV), tmp_path) == ["E.CSV", "G.CSV.GZ", "f.csv.gz", "h.csv.zst"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.csv.bz2", b"x"), ("b.tsv", b"x"), ("b.json", b"{}"), ("b.csv", b"x"), ("b.parquet.gz", b"x"),
        ("b.parquet._COPYING_", b"x"), ("b.parquet.tmp", b""), ("b.csv~", b"x"), ("part-00000", b"PAR1abc"),
        ("day=3/000000_0", TABLE), ("b.txt", TABLE), ("part-7", b"\x1f\x8bxyz"), ("b.orc", b"ORC"), ("part-00001", b""),
    ],
)  # fmt: skip
def test_what_looks_like_data_and_is_not_read_is_named(tmp_path, name, content):
    write(tmp_path, "a.parquet")
    write(tmp_path, name, content=content)
    assert short(found(tmp_path), tmp_path) == ["a.parquet"]
    assert list(found(tmp_path).left_out) == [name]
    by_glob = found(f"{tmp_path}/**")
    assert sorted([*short(by_glob, tmp_path), *by_glob.left_out]) == sorted(["a.parquet", name])


def test_where_nothing_can_be_read_the_error_says_what_lies_there(tmp_path):
    write(tmp_path, "part-00000", content=b"PAR1")
    with pytest.raises(DataError, match=r"no parquet file at .*; there are part-00000 \(it is Parquet, and its name"):
        found(tmp_path)
    assert short(found(tmp_path / "part-*"), tmp_path) == ["part-00000"]


def test_a_glob_that_spells_the_end_of_a_name_takes_just_what_it_matches(tmp_path):
    write(tmp_path, "a.txt", "b.txt", "c.csv", content=TABLE)
    assert found(tmp_path / "*.txt", CSV) == Listing((f"{tmp_path}/a.txt", f"{tmp_path}/b.txt"))
    assert found(tmp_path / "*.csv", CSV) == Listing((f"{tmp_path}/c.csv",))
    assert short(found(tmp_path / "*", CSV), tmp_path) == ["a.txt", "b.txt", "c.csv"]


def test_tabs_between_the_fields_make_another_suffix(tmp_path):
    write(tmp_path, "a.tsv", "b.csv", "c.tsv.gz", content=TABLE)
    assert short(found(tmp_path, csv_kind("\t")), tmp_path) == ["a.tsv", "b.csv", "c.tsv.gz"]
    assert list(found(tmp_path, CSV).left_out) == ["a.tsv", "c.tsv.gz"]


@pytest.mark.parametrize("pattern", ["", "/**", "/**/*.parquet"])
def test_a_file_that_links_lead_to_again_counts_once_and_loops_end(tmp_path, pattern):
    lake = tmp_path / "lake"
    write(lake, "day=1/a.parquet", "day=2/b.parquet")
    write(tmp_path, "outside/c.parquet")
    for link, target in {
        "day=1/up": lake, "day=2/up": lake, "again": lake / "day=1", "day=1/z.parquet": lake / "day=1/a.parquet",
        "more": tmp_path / "outside",
    }.items():  # fmt: skip
        (lake / link).symlink_to(target)
    names = [Path(file).name for file in found(f"{lake}{pattern}").files]
    assert len(names) == 3
    assert {Path(file).resolve() for file in found(f"{lake}{pattern}").files} == {
        lake / "day=1/a.parquet", lake / "day=2/b.parquet", tmp_path / "outside/c.parquet"
    }  # fmt: skip


def test_a_pipe_is_left_out_and_not_waited_for(tmp_path):
    write(tmp_path, "a.csv", content=TABLE)
    os.mkfifo(tmp_path / "b.csv")
    assert found(tmp_path, CSV).left_out == {"b.csv": "it is a pipe or a device"}
