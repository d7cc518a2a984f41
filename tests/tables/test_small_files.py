"""Many small files that are read again and again are copied into few, once; nothing else about them changes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import LocalTable, open_dataset
from maestro_ml.tables.sources import parquet
from maestro_ml.tables.sources.parquet import PLACE
from maestro_ml.validation.run import validate_dataset

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FILES, ROWS = 6, 24
WINDOW = Window(START + DAY * 3, START + DAY * 6)
Opened = Callable[..., AbstractContextManager[LocalTable]]


@pytest.fixture(autouse=True)
def few_files_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MANY_FILES", FILES - 1)
    monkeypatch.setattr(parquet, "COPIED_AT_ONCE", FILES - 2)


@pytest.fixture
def project(dataset_project, tmp_path):
    """Provide a project over a folder of files, one a day, with `more` columns in all of them or in the `last` one."""

    def made(last: pa.Array | None = None, partitions: tuple[str, ...] = (), **more: pa.Array):
        for number in range(FILES):
            at = [START + DAY * (number + row / ROWS) for row in range(ROWS)]
            texts = [None if row == 5 else f"{number}-{row}" for row in range(ROWS)]
            table = pa.table({"at": pa.array(at, pa.timestamp("us", "UTC")), "x": range(ROWS), "text": texts, **more})
            table = table.append_column("y", last) if last is not None and number == FILES - 1 else table
            folder = tmp_path / "events" / (f"day={number}" if partitions else "")
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, folder / f"{number}.parquet")
        columns = {"at": {"type": "timestamp"}, "x": {"type": "integer"}, "text": {"type": "string"}}
        columns |= {name: {"type": "integer"} for name in partitions}
        return dataset_project(
            source={"kind": "parquet", "path": "events", "partitions": [*partitions]},
            timestamp="at",
            columns=columns,
            window="3d",
            extra_columns="allow",
            reference={"kind": "previous"},
            drift={},
        )

    return made


def remove(files: Path) -> None:
    for file in files.rglob("*.parquet"):
        file.unlink()


def test_after_the_copy_no_file_is_opened_again(project, tmp_path):
    with open_dataset(project(), "events", many_passes=True) as dataset:
        remove(tmp_path / "events")
        assert dataset.rows(None).aggregate("count(*), sum(x)").fetchall() == [(FILES * ROWS, FILES * sum(range(ROWS)))]
        assert len(dataset.placed_rows(WINDOW).fetchall()) == 3 * ROWS


def test_where_rows_are_read_once_nothing_is_copied(project):
    with open_dataset(project(), "events") as dataset:
        assert not dataset.parquet.copies


@pytest.mark.parametrize("partitions", [(), ("day",)])
def test_rows_and_their_order_are_those_of_the_files(project, partitions):
    found = []
    for many_passes in (False, True):
        with open_dataset(project(partitions=partitions), "events", many_passes=many_passes) as dataset:
            assert bool(dataset.parquet.copies) == many_passes
            placed = dataset.placed_rows(WINDOW).order(f'"{PLACE}"').project(f'* EXCLUDE ("{PLACE}")')
            found.append((dataset.types, dataset.rows(None).fetchall(), placed.fetchall()))
    assert found[0] == found[1]


def test_a_validation_reports_the_same(project, monkeypatch):
    reports = []
    for cells in (parquet.MOST_COPIED_CELLS, 0):
        monkeypatch.setattr(parquet, "MOST_COPIED_CELLS", cells)
        report = validate_dataset(project(), "events", WINDOW, now=WINDOW.end)
        reports.append(report.model_dump(exclude={"trends"}))
    assert reports[0] == reports[1]


@pytest.mark.parametrize(
    "written",
    [
        {"last": pa.array([1.5] * ROWS)},
        {"nested": pa.array([[1]] * ROWS)},
        {"clock": pa.array([1] * ROWS, pa.time64("us"))},
    ],
    ids=["files that differ", "lists", "times of day"],
)
def test_what_might_not_be_the_same_in_a_copy_is_left_in_its_files(project, written):
    with open_dataset(project(**written), "events", many_passes=True) as dataset:
        assert not dataset.parquet.copies
        assert dataset.rows(None).aggregate("count(*)").fetchall() == [(FILES * ROWS,)]


def test_files_that_are_not_small_are_not_copied(project, monkeypatch):
    monkeypatch.setattr(parquet, "MOST_COPIED_CELLS", FILES * ROWS * 3 - 1)
    with open_dataset(project(), "events", many_passes=True) as dataset:
        assert not dataset.parquet.copies


@pytest.mark.parametrize(
    "kind", ["decimal128(38, 3)", "timestamp[ns]", "timestamp[us]", "date32[day]", "float", "uint64"]
)
def test_a_copy_holds_every_value_as_it_was(project, kind):
    types = {str(each): each for each in (pa.decimal128(38, 3), pa.timestamp("ns"), pa.timestamp("us"), pa.date32())}
    types |= {"float": pa.float32(), "uint64": pa.uint64()}
    special = {"float": [float("inf"), -0.0, float("nan")], "uint64": [2**64 - 1, 0, 1]}
    values = pa.array([None, *special.get(kind, [0, 1, 2]), *[None] * (ROWS - 4)], types[kind])
    rows = []
    for many_passes in (False, True):
        with open_dataset(project(v=values), "events", many_passes=many_passes) as dataset:
            assert bool(dataset.parquet.copies) == many_passes
            rows.append((dataset.types["v"], str(dataset.rows(None, ["v"]).fetchall())))
    assert rows[0] == rows[1]
