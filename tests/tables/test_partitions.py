"""Columns from the names of folders: those declared, and no other."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.tables import DataError, open_dataset

AT = pa.array([dt.datetime(2024, 1, 5, 12, tzinfo=dt.UTC)], pa.timestamp("us", "UTC"))
COLUMNS = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}


def write(file: Path, **columns: list) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"at": AT, "n": [1], **columns}), file)


@pytest.fixture
def lake(tmp_path, dataset_project):
    """Provide `lake(*partitions, **types)`, which opens everything in `lake`; `path` is another place."""

    def opened(*partitions: str, path: str = "lake", timestamp: str = "at", **types: str):
        columns = COLUMNS | {name: {"type": kind} for name, kind in types.items()}
        source = {"kind": "parquet", "path": path, "partitions": partitions}
        return open_dataset(dataset_project(source=source, timestamp=timestamp, columns=columns), "events")

    return opened


def test_a_folder_is_no_column_unless_it_is_declared(lake, tmp_path):
    write(tmp_path / "lake/n=77/day=2024-01-05/a.parquet")
    with lake() as dataset:
        assert dataset.types.keys() == {"at", "n"}
        assert dataset.relation.project("n").fetchall() == [(1,)]
    with lake("day", day="date") as dataset:
        assert dataset.types.keys() == {"at", "n", "day"}
        assert dataset.relation.project("n, day").fetchall() == [(1, dt.date(2024, 1, 5))]


@pytest.mark.parametrize(
    ("kind", "folder", "value"),
    [
        ("string", "007", "007"),
        ("string", "a=b", "a=b"),
        ("string", "a%2Fb%20c+d%", "a/b c+d%"),
        ("string", "[x]*", "[x]*"),
        ("string", "", ""),
        ("string", "München", "München"),
        ("integer", "007", 7),
        ("integer", "-1", -1),
        ("number", "1.5e1", 15.0),
        ("boolean", "True", True),
        ("date", "2024-02-29", dt.date(2024, 2, 29)),
        ("timestamp", "2024-01-05 10%3A30%3A00", dt.datetime(2024, 1, 5, 10, 30)),  # noqa: DTZ001
        ("timestamp", "2024-01-05T10:30:00+02:00", dt.datetime(2024, 1, 5, 8, 30, tzinfo=dt.UTC)),
        ("date", "__HIVE_DEFAULT_PARTITION__", None),
    ],
)
def test_a_value_has_the_contracts_type(lake, tmp_path, kind, folder, value):
    write(tmp_path / f"lake/p={folder}/a.parquet")
    with lake("p", p=kind) as dataset:
        assert dataset.kind("p") == kind
        assert dataset.relation.project("p").fetchall() == [(value,)]


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("integer", "1.5"), ("integer", ""), ("integer", "9" * 30), ("number", "nan"), ("boolean", "1"),
        ("date", "2024-02-30"), ("date", "20240105"), ("date", "2024-01-05T10:00"), ("timestamp", "noon"),
    ],
)  # fmt: skip
def test_a_folder_that_gives_no_value_of_the_type_is_refused(lake, tmp_path, kind, folder):
    write(tmp_path / f"lake/p={folder}/bad.parquet")
    with (
        pytest.raises(DataError, match=rf"bad\.parquet cannot be read: its folder p=.* gives no {kind}"),
        lake("p", p=kind),
    ):
        pass
    write(tmp_path / "lake/p=__HIVE_DEFAULT_PARTITION__/good.parquet")
    with lake("p", p=kind) as dataset:
        assert len(dataset.relation.fetchall()) == 1
        assert [why.partition(" gives")[0] for why in dataset.files.refused.values()] == [f"its folder p={folder}"]


def test_a_file_without_the_folder_is_named_even_where_the_project_lies_in_one(lake, tmp_path, dataset_project):
    write(tmp_path / "lake/day=2024-01-05/a.parquet")
    write(tmp_path / "lake/b.parquet")
    with lake("day", day="date") as dataset:
        [(file, why)] = dataset.files.refused.items()
        assert file.endswith("lake/b.parquet")
        assert why == "no folder above it is named day=..., and the source declares the partition day"


def test_a_file_or_folder_given_by_its_path_below_the_folder(lake, tmp_path):
    write(tmp_path / "lake/day=2024-01-05/region=eu/a.parquet")
    for path in ("lake/day=2024-01-05/region=eu/a.parquet", "lake/day=2024-01-05", "lake/*/region=*/*.parquet"):
        with lake("region", "day", path=path, day="date", region="string") as dataset:
            assert dataset.relation.project("day, region").fetchall() == [(dt.date(2024, 1, 5), "eu")]


def test_zoned_and_naive_times_do_not_mix(lake, tmp_path):
    write(tmp_path / "lake/p=2024-01-05/a.parquet")
    write(tmp_path / "lake/p=2024-01-06T00:00Z/a.parquet")
    with pytest.raises(DataError, match="with a timezone and without"), lake("p", p="timestamp"):
        pass


def test_a_partition_can_be_the_event_time(lake, tmp_path, january):
    for day in ("2024-01-05", "2024-02-05"):
        write(tmp_path / f"lake/day={day}/a.parquet", day=[day])
    with lake("day", day="date", timestamp="day") as dataset:
        assert dataset.rows(january).project("day").fetchall() == [(dt.date(2024, 1, 5),)]
        assert dataset.row_groups.statistics(january) is None


def test_a_column_of_the_file_counts_once_where_it_agrees_and_is_named_where_it_does_not(lake, tmp_path):
    write(tmp_path / "lake/day=2024-01-05/a.parquet", day=["2024-01-05"], Region=["eu"])
    write(tmp_path / "lake/day=2024-01-06/b.parquet", day=["2024-01-07"], Region=[None])
    with lake("day", day="date") as dataset:
        assert sorted(dataset.relation.project("day").fetchall()) == [(dt.date(2024, 1, 5),), (dt.date(2024, 1, 6),)]
        assert [found.sentence(hidden=False) for found in dataset.files.disagreements(dataset.connection, 5)] == [
            "b.parquet: 1 row with day 2024-01-07, where the folder says 2024-01-06"
        ]


def test_values_of_a_folder_with_a_column_of_another_case(lake, tmp_path):
    write(tmp_path / "lake/region=eu/[1].parquet", Region=[None])
    write(tmp_path / "lake/region=us/b.parquet")
    with lake("region", region="string") as dataset:
        assert dataset.types["region"] == "VARCHAR"
        assert sorted(dataset.relation.project("region").fetchall()) == [("eu",), ("us",)]
        [found] = dataset.files.disagreements(dataset.connection, 5)
        assert found.sentence(hidden=False) == "[1].parquet: 1 row with region null, where the folder says eu"
        assert found.sentence(hidden=True) == "[1].parquet: 1 row with region •••, where the folder says •••"
