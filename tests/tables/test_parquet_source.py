import math
from pathlib import Path

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.tables import DataError, open_dataset

SCHEMA = pa.schema({"at": pa.timestamp("us", tz="UTC"), "note": pa.float64()})


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"at": pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True), "amount": [1.5, 2.5]})


def parquet(path: object) -> dict:
    return {"kind": "parquet", "path": str(path)}


def test_a_file_relative_to_the_project(load, tmp_path, frame):
    frame.to_parquet(tmp_path / "events.parquet")
    _, rows = load(parquet("events.parquet"))
    assert [row[1] for row in rows] == [1.5, 2.5]


def test_a_folder_is_every_parquet_file_below_it(load, tmp_path, frame):
    (tmp_path / "lake" / "day=1").mkdir(parents=True)
    frame.to_parquet(tmp_path / "lake" / "a.parquet")
    frame.to_parquet(tmp_path / "lake" / "day=1" / "b.parquet")
    (tmp_path / "lake" / "_SUCCESS").touch()
    assert len(load(parquet("lake"))[1]) == 4


def test_a_glob_takes_what_matches(load, tmp_path, frame):
    for name in ("jan-1", "jan-2", "feb-1"):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    assert len(load(parquet("jan-*.parquet"))[1]) == 4


def test_a_name_that_looks_like_a_pattern_is_a_name(load, tmp_path, frame):
    folder = tmp_path / "odd [x]*"
    folder.mkdir()
    frame.to_parquet(folder / "events?.parquet")
    assert len(load(parquet(folder / "events?.parquet"))[1]) == 2


@pytest.mark.parametrize(("name", "other"), [("a[1]", "a1"), ("a*", "ab"), ("a?", "ab")])
def test_what_a_name_would_match_if_it_were_a_pattern_is_left_alone(load, tmp_path, frame, name, other):
    for file, amount in ((name, 1.0), (other, 2.0)):
        frame.assign(amount=amount).to_parquet(tmp_path / f"{file}.parquet")
        frame.assign(amount=amount).to_csv(tmp_path / f"{file}.csv", index=False)
    for source in (parquet(tmp_path / f"{name}.parquet"), {"kind": "csv", "path": str(tmp_path / f"{name}.csv")}):
        assert [float(row[1]) for row in load(source)[1]] == [1.0, 1.0]


def test_files_that_name_their_columns_in_another_order_are_joined_by_name(load, tmp_path, frame):
    frame.to_parquet(tmp_path / "a.parquet")
    frame[["amount", "at"]].assign(late=True).to_parquet(tmp_path / "b.parquet")
    types, rows = load(parquet("*.parquet"))
    assert list(types) == ["at", "amount", "late"]
    assert sorted(row[1] for row in rows) == [1.5, 1.5, 2.5, 2.5]


def test_a_bucket_is_read_through_fsspec(load, tmp_path, frame):
    frame.to_parquet(tmp_path / "local.parquet")
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/events/one.parquet", (tmp_path / "local.parquet").read_bytes())
    try:
        for path in ("memory://bucket/events", "memory://bucket/events/one.parquet", "memory://bucket/*/*.parquet"):
            assert len(load(parquet(path))[1]) == 2
    finally:
        memory.rm("/bucket", recursive=True)


@pytest.mark.parametrize("path", ["gone.parquet", "gone/*.parquet", "memory://gone/events.parquet"])
def test_a_missing_file_is_named(load, path):
    with pytest.raises(DataError, match=r"no parquet file at .*gone"):
        load(parquet(path))


def test_an_unknown_protocol_is_named(load):
    with pytest.raises(DataError, match=r"nosuch://bucket cannot be reached: .*nosuch"):
        load(parquet("nosuch://bucket"))


@pytest.mark.parametrize("keep", [0, 4, 300])
def test_a_truncated_file_is_named(load, tmp_path, frame, keep):
    file = tmp_path / "events.parquet"
    frame.to_parquet(file)
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"events\.parquet cannot be read: .*"):
        load(parquet("events.parquet"))


def test_a_file_damaged_in_the_middle_is_named_when_its_rows_are_read(load, tmp_path):
    file = tmp_path / "events.parquet"
    pd.DataFrame({"at": pd.date_range("2024", periods=20_000, freq="s", tz="UTC"), "amount": range(20_000)}).to_parquet(
        file
    )
    content = bytearray(file.read_bytes())
    content[2_000:6_000] = bytes(4_000)
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"events\.parquet cannot be read"):
        load(parquet("events.parquet"))


def test_nothing_is_left_in_the_temporary_folder(load, tmp_path, frame, monkeypatch):
    spill = tmp_path / "tmp"
    spill.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spill))
    frame.to_parquet(tmp_path / "events.parquet")
    load(parquet("events.parquet"))
    assert list(Path(spill).iterdir()) == []


def test_nan_is_found_although_the_footers_leave_it_out(dataset_project, tmp_path, frame):
    columns = {"at": {"type": "timestamp"}, "note": {"type": "number"}}
    project = dataset_project(source=parquet("events.parquet"), timestamp="at", columns=columns)
    with pq.ParquetWriter(tmp_path / "events.parquet", SCHEMA) as writer:
        writer.write_table(pa.table({"at": frame["at"], "note": [float("nan"), 2.0]}, SCHEMA))
    with open_dataset(project, "events") as opened:
        missing = opened.missing("note")
        assert len(opened.relation.filter(missing).fetchall()) == 1
        assert opened.relation.filter(f"NOT {missing}").project("note").fetchall() == [(2.0,)]
        assert len(opened.relation.filter("note > 5").fetchall()) == 1
        [(largest,)] = opened.relation.aggregate("max(note)").fetchall()
        assert math.isnan(largest)


def test_files_alike_are_opened_once_a_query_and_files_that_differ_are_joined_by_name(dataset_project, tmp_path, frame):
    project = dataset_project(source=parquet("lake"), timestamp="at", columns={"at": {"type": "timestamp"}})
    (tmp_path / "lake").mkdir()
    for name in "abc":
        frame.to_parquet(tmp_path / "lake" / f"{name}.parquet")
    with open_dataset(project, "events") as opened:
        assert opened.files.uniform
        assert [count for _, _, count in opened.files.layouts] == [3]
    frame.assign(amount=["x", "y"], more=1).to_parquet(tmp_path / "lake" / "b.parquet")
    with open_dataset(project, "events") as opened:
        assert not opened.files.uniform
        assert [count for _, _, count in opened.files.layouts] == [2, 1]
        assert opened.types["amount"] == "VARCHAR"
        assert len(opened.relation.fetchall()) == 6


def test_a_nested_column_is_one_column_of_a_file(dataset_project, tmp_path, frame):
    project = dataset_project(source=parquet("lake"), timestamp="at", columns={"at": {"type": "timestamp"}})
    (tmp_path / "lake").mkdir()
    nested = frame.assign(place=[{"lat": 1.0, "spots": [1, 2]}] * 2, last=1)
    for name in "ab":
        nested.to_parquet(tmp_path / "lake" / f"{name}.parquet")
    with open_dataset(project, "events") as opened:
        [(columns, _, _)] = opened.files.layouts
        assert [name for name, _ in columns] == ["at", "amount", "place", "last"]
        assert dict(columns)["place"] is None


def test_a_file_that_cannot_be_read_is_left_out_and_named(dataset_project, tmp_path, frame):
    project = dataset_project(source=parquet("lake"), timestamp="at", columns={"at": {"type": "timestamp"}})
    (tmp_path / "lake").mkdir()
    for name in "abcd":
        frame.to_parquet(tmp_path / "lake" / f"{name}.parquet")
    whole = (tmp_path / "lake" / "b.parquet").read_bytes()
    (tmp_path / "lake" / "b.parquet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "lake" / "c.parquet").write_bytes(b"")
    with open_dataset(project, "events") as opened:
        assert {name[-9:] for name in opened.files.refused} == {"b.parquet", "c.parquet"}
        assert len(opened.relation.fetchall()) == 4
    for name in "ad":
        (tmp_path / "lake" / f"{name}.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="lake cannot be read"), open_dataset(project, "events"):
        pass


@pytest.mark.parametrize("names", [("Amount", "amount"), ("amount", "amount")])
def test_columns_that_differ_in_the_case_of_letters_only_are_refused_by_name(dataset_project, tmp_path, frame, names):
    project = dataset_project(source=parquet("lake"), timestamp="at", columns={"at": {"type": "timestamp"}})
    (tmp_path / "lake").mkdir()
    columns = [pa.array(frame["at"]), pa.array([1, 2]), pa.array([3, 4])]
    pq.write_table(pa.table(columns, names=["at", *names]), tmp_path / "lake" / "[odd].parquet")
    message = rf"its columns {names[0]} and {names[1]} differ in case only"
    with pytest.raises(DataError, match=message), open_dataset(project, "events"):
        pass
    frame.to_parquet(tmp_path / "lake" / "good.parquet")
    with open_dataset(project, "events") as opened:
        assert len(opened.relation.fetchall()) == 2
        [why] = opened.files.refused.values()
        assert why.startswith(message)


@pytest.mark.parametrize("part", ["pages", "footer", "nothing"])
def test_errors_of_libraries_in_duckdb_are_named_too(load, tmp_path, frame, part):
    file = tmp_path / "events.parquet"
    frame.to_parquet(file, compression="gzip")
    content = bytearray(file.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    places = {"pages": range(40, 60), "footer": range(footer, footer + 12), "nothing": ()}[part]
    for place in places:
        content[place] = 0xFF
    file.write_bytes(content)
    if part == "nothing":
        assert len(load(parquet("events.parquet"))[1]) == 2
        return
    with pytest.raises(DataError, match=r"events\.parquet cannot be read: "):
        load(parquet("events.parquet"))
