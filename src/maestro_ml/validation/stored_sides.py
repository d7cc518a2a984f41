"""The columns of the window and of its reference as they lie in files, where that is quicker than a query."""

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables.arrow_values import as_numpy
from maestro_ml.tables.duckdb import in_little_memory
from maestro_ml.tables.parquet.columns import Run, StoredColumns
from maestro_ml.tables.sources.parquet import PLACE, ROW_BITS
from maestro_ml.validation.rows import LocalRows
from maestro_ml.validation.sides import SIDE, Scan, scans_of

if TYPE_CHECKING:
    from numpy import int8, int64
    from numpy.typing import NDArray

ROWS_AT_ONCE = 131_072
MOST_ROWS = 100_000_000  # of which the side is noted, a byte each


def stored_sides(sides: list[LocalRows]) -> StoredColumns | None:
    """Return the columns of both sides in their files; None where only a query can say which rows are of which."""
    partitions = frozenset(chain.from_iterable(side.dataset.partitions for side in sides))
    if runs := _of_whole_groups(sides):
        return StoredColumns(runs, partitions)
    if sum(side.count for side in sides) > MOST_ROWS:
        return None
    found: list[Run] = []
    for scan in scans_of(sides):
        files = scan.dataset.numbered_files
        if files is None:
            return None
        found += in_little_memory(scan.dataset.connection, partial(_runs, scan, files))
    return StoredColumns(found, partitions)


def _of_whole_groups(sides: list[LocalRows]) -> list[Run]:
    """Return the row groups that make up the sides; none where one is cut."""
    stored = [side.stored for side in sides]
    if not all(stored):
        return []
    return [Run(run.file, run.numbers, number) for number, each in enumerate(stored) if each for run in each.runs]


def _runs(scan: Scan, files: list[str]) -> list[Run]:
    """Note the side of each row by its place: one scan of the event time."""
    import numpy as np
    from pyarrow.parquet import read_metadata

    groups: dict[int, list[int]] = {}
    noted: dict[int, NDArray[int8]] = {}
    for batch in scan.rows.project(f"{quoted(PLACE)}, {quoted(SIDE)}").to_arrow_reader(ROWS_AT_ONCE):
        places, sides = map(as_numpy, batch.columns)
        numbers = places >> ROW_BITS
        found = _different(numbers)
        for number in found:
            if number not in noted:
                footer = read_metadata(files[number])
                groups[number] = [footer.row_group(i).num_rows for i in range(footer.num_row_groups)]
                noted[number] = np.full(footer.num_rows, -1, np.int8)
            here = slice(None) if len(found) == 1 else numbers == number
            noted[number][places[here] & ((1 << ROW_BITS) - 1)] = sides[here]
    return [_run(files[number], groups[number], noted.pop(number)) for number in sorted(noted)]


def _different(numbers: "NDArray[int64]") -> list[int]:
    """Return the different numbers, of which there is nearly always one."""
    import numpy as np

    if len(numbers) and (numbers == numbers[0]).all():
        return [int(numbers[0])]
    found: list[int] = np.unique(numbers).tolist()
    return found


def _run(file: str, rows: list[int], sides: "NDArray[int8]") -> Run:
    """Leave out the row groups without a row of either side."""
    import numpy as np

    ends = np.cumsum(rows, dtype=np.int64)
    wanted = [i for i, end in enumerate(ends) if _any(sides, end - rows[i], end)]
    if len(wanted) < len(rows):
        sides = np.concatenate([sides[ends[i] - rows[i] : ends[i]] for i in wanted])
    return Run(file, tuple(wanted), sides)


def _any(sides: "NDArray[int8]", start: "int64", end: "int64") -> bool:
    return bool((sides[start:end] >= 0).any())
