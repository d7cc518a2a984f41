"""Both sides straight from the files: the rows that the windows choose, and each file is opened once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import LocalTable, open_dataset
from maestro_ml.tables.parquet import columns
from maestro_ml.tables.parquet.columns import NotAsStored, StoredColumns
from maestro_ml.validation import stored_sides as module
from maestro_ml.validation.rows import LocalRows
from maestro_ml.validation.stored_sides import stored_sides

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
FILES, ROWS = 3, 600


@pytest.fixture
def table(tmp_path, dataset_project):
    """Open a table of files whose rows are of four days, in no order unless `days` gives that of each row."""

    @contextmanager
    def opened(days: np.ndarray | None = None, more: str = "", **written: object) -> Iterator[LocalTable]:
        random = np.random.default_rng(3)
        places = random.random(FILES * ROWS) * 4 if days is None else days
        at = pd.Timestamp(START) + pd.to_timedelta(places, unit="D")
        x = np.where(random.random(len(at)) < 0.1, None, np.arange(len(at), dtype=float))
        frame = pd.DataFrame({"at": at, "x": pd.array(x, "Float64"), "n": np.arange(len(at))})
        for number in range(FILES):
            rows = pa.Table.from_pandas(frame[number * ROWS : (number + 1) * ROWS], preserve_index=False)
            rows = rows.append_column(more, rows["n"]) if more and number == 1 else rows
            pq.write_table(rows, tmp_path / f"{number} [a].parquet", row_group_size=100, **written)
        declared = {"at": {"type": "timestamp"}, "x": {"type": "number"}, "n": {"type": "integer"}}
        source = {"kind": "parquet", "path": "."}
        project = dataset_project(source=source, timestamp="at", columns=declared)
        with open_dataset(project, "events") as dataset:
            yield dataset

    return opened


def days(dataset: LocalTable, *numbers: float) -> list[LocalRows]:
    return [LocalRows(dataset, Window(START + DAY * number, START + DAY * (number + 1))) for number in numbers]


def values(stored: StoredColumns, *names: str) -> dict[tuple[int, str], list[float]]:
    found: dict[tuple[int, str], list[float]] = {(side, name): [] for side in (0, 1) for name in names}
    for batch in stored.batches(names):
        for name, part in zip(names, batch, strict=True):
            for side in (0, 1):
                found[side, name] += part.of(side).tolist()
    return found


def expected(sides: list[LocalRows], *names: str) -> dict[tuple[int, str], list[float]]:
    return {
        (number, name): [value for (value,) in side.dataset.rows(side.window, [name]).fetchall() if value is not None]
        for number, side in enumerate(sides)
        for name in names
    }


SORTED = np.linspace(0, 4, FILES * ROWS, endpoint=False)


@pytest.mark.parametrize("numbers", [(1, 2), (0, 2), (2, 1), (2, 2), (0.5, 1.5), (3, 9)])
@pytest.mark.parametrize("places", [None, SORTED], ids=["unsorted", "sorted"])
@pytest.mark.parametrize("at_once", [64, 100_000])
def test_each_side_has_its_rows_in_stored_order(table, numbers, places, at_once, monkeypatch):
    for each in (columns, module):
        monkeypatch.setattr(each, "ROWS_AT_ONCE", at_once)
    with table(places) as dataset:
        sides = days(dataset, *numbers)
        stored = stored_sides(sides)
        assert stored
        assert values(stored, "x", "n") == expected(sides, "x", "n")


def test_each_file_is_opened_once_for_all_columns(table, monkeypatch):
    opened: Counter[str] = Counter()

    class Counted(pq.ParquetFile):
        def __init__(self, source: str, **options: object) -> None:
            opened[str(source)] += 1
            super().__init__(source, **options)

    with table() as dataset:
        stored = stored_sides(days(dataset, 1, 2))
        assert stored
        monkeypatch.setattr(pq, "ParquetFile", Counted)
        [*stored.batches(["n", "x"])]
    assert len(opened) == FILES
    assert set(opened.values()) == {1}


def test_row_groups_without_a_row_of_a_window_are_not_read(table):
    with table(SORTED) as dataset:
        stored = stored_sides(days(dataset, 0, 1.01))
        assert stored
        assert sum(len(run.numbers) for run in stored.runs) < FILES * ROWS / 100


def test_files_that_differ_are_left_to_the_database(table):
    with table(more="y") as dataset:
        assert stored_sides(days(dataset, 1, 2)) is None


def test_very_many_rows_are_left_to_the_database(table, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", FILES * ROWS // 4)
    with table() as dataset:
        assert stored_sides(days(dataset, 1, 2)) is None


def test_what_is_no_plain_number_is_left_to_the_database(table):
    with table() as dataset:
        stored = stored_sides(days(dataset, 1, 2))
        assert stored
        with pytest.raises(NotAsStored, match="timestamp"):
            [*stored.batches(["n", "at"])]
