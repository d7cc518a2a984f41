"""Columns of whole row groups, straight from the files: what the database says, or nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Project, Window
from maestro_ml.tables import LocalTable, open_dataset
from maestro_ml.tables.parquet.columns import NotAsStored, StoredColumns

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ROWS = 40  # four row groups, one a day
PLAIN = {
    "int8": pa.array([None, *range(ROWS - 1)], pa.int8()),
    "uint64": pa.array([2**64 - 1, *range(ROWS - 1)], pa.uint64()),
    "int64": pa.array([-(2**63), 2**63 - 1, *[None] * (ROWS - 2)], pa.int64()),
    "float": pa.array(np.linspace(-1, 1, ROWS), pa.float32()),
    "double": pa.array([float("nan"), -0.0, float("inf"), None] * 10),
    'a "name" .with, much': pa.array(range(ROWS)),
    "dictionary": pa.array([1, 2] * 20).dictionary_encode(),
    "empty": pa.nulls(ROWS, pa.float64()),
}
OTHERS = {
    "decimal": pa.array(range(ROWS)).cast(pa.decimal128(21, 2)),
    "text": pa.array([str(i) for i in range(ROWS)]),
}


def opened(folder: Path, **columns: Any) -> Iterator[LocalTable]:
    at = pa.array([START + DAY * i / 10 for i in range(ROWS)], pa.timestamp("us", "UTC"))
    for half in (0, 1):
        part = pa.table({"at": at, **columns}).slice(half * ROWS // 2, ROWS // 2)
        pq.write_table(part, folder / f"{half}.parquet", row_group_size=10)
    table = {
        "source": {"kind": "parquet", "path": str(folder)},
        "timestamp": "at",
        "columns": {"at": {"type": "timestamp"}},
    }
    with open_dataset(Project.model_validate({"name": "t", "datasets": {"table": table}}), "table") as dataset:
        yield dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[LocalTable]:
    yield from opened(tmp_path, **PLAIN, **OTHERS)


def stored(dataset: LocalTable, days: int, first: int = 0) -> StoredColumns:
    found = dataset.row_groups.stored(Window(START + DAY * first, START + DAY * (first + days)))
    assert found
    return found


@pytest.mark.parametrize("column", PLAIN)
@pytest.mark.parametrize(("first", "days"), [(0, 4), (1, 2), (2, 1)])
def test_the_values_are_those_the_database_gives(dataset, column, first, days):
    window = Window(START + DAY * first, START + DAY * (first + days))
    [values] = dataset.rows(window, [column]).fetchnumpy().values()
    expected = np.ma.compressed(values)
    found = stored(dataset, days, first).values(column)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("column", [*OTHERS, "at", "not there"])
def test_what_is_not_stored_as_plain_numbers_is_left_to_the_database(dataset, column):
    with pytest.raises(NotAsStored):
        stored(dataset, 4).values(column)


def test_a_window_that_cuts_a_row_group_is_left_to_the_database(dataset):
    assert dataset.row_groups.stored(Window(START, START + DAY * 1.5)) is None


def test_nested_columns_leave_their_file_to_the_database(tmp_path):
    nested = pa.array([{"b": 1}] * ROWS)
    for dataset in opened(tmp_path, a=nested, **{"a.b": pa.array(range(ROWS))}):
        with pytest.raises(NotAsStored, match="nested"):
            stored(dataset, 4).values("a.b")


def test_a_name_that_begins_like_another_is_that_column_only(tmp_path):
    columns = {"a": pa.array(range(ROWS)), "a.b": pa.array(range(0, -ROWS, -1))}
    for dataset in opened(tmp_path, **columns):
        assert stored(dataset, 4).values("a").max() == ROWS - 1
        assert stored(dataset, 4).values("a.b").min() == 1 - ROWS


def test_damaged_pages_are_left_to_the_database(tmp_path):
    for dataset in opened(tmp_path, value=pa.array(np.random.default_rng(0).random(ROWS))):
        place = pq.ParquetFile(tmp_path / "0.parquet").metadata.row_group(0).column(1).dictionary_page_offset
        found = stored(dataset, 4)
        with (tmp_path / "0.parquet").open("r+b") as file:
            file.seek(place)
            file.write(b"\xff" * 60)
        with pytest.raises(NotAsStored):
            found.values("value")
