"""Write the table the validation benchmarks read: 15 numbers, 5 categories and a time, Parquet of 125k-row groups.

    python bench/table.py FILE [--rows N] [--shape plain|strings|bare|wide] [--files N] [--days N] [--duplicates N]

`plain`: 3 integer and 12 floating-point columns, 1 % null. `strings`: the five categories are long texts, nearly all
different.
`bare`: every tenth value breaks its range, and the footers carry no statistics.
`wide`: 500 floating-point columns and the time.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from columns import CATEGORIES, FLOATS, INTEGERS, LIMIT, TEXTS, WIDE

START = datetime(2024, 1, 1, tzinfo=UTC)
ROWS_PER_GROUP = 125_000
NULLS = 0.01


def group(first: int, rows: int, total: int, shape: str, days: int) -> pa.Table:
    """One row group; the same arguments give the same rows."""
    random = np.random.default_rng([first, rows])
    step = days * 86_400_000_000 / total
    at = (START.timestamp() * 1e6 + np.arange(first, first + rows) * step).astype("int64")
    columns = {"at": pa.array(at, pa.timestamp("us", tz="UTC"))}
    scale = np.where(np.arange(rows) % 10 == 0, 2.0, 1.0) if shape == "bare" else 1.0
    integers, floats, texts = ((), WIDE, ()) if shape == "wide" else (INTEGERS, FLOATS, TEXTS)
    for name in integers:
        values = (random.integers(-1_000, 1_001, rows) * scale).astype("int64")
        columns[name] = pa.array(values, mask=random.random(rows) < NULLS)
    for name in floats:
        values = np.clip(random.normal(0, 200, rows), -LIMIT, LIMIT) * scale
        columns[name] = pa.array(values, mask=random.random(rows) < NULLS)
    for name in texts:
        if shape == "strings":
            columns[name] = pa.array(
                [f"{name} number {n:010} of a text that is long" for n in random.integers(0, 10**9, rows)]
            )
        else:
            columns[name] = pa.DictionaryArray.from_arrays(
                pa.array(random.integers(0, len(CATEGORIES), rows, dtype="int32")), pa.array(CATEGORIES)
            ).cast(pa.string())
    return pa.table(columns)


def write(path: Path, rows: int, shape: str = "plain", files: int = 1, days: int = 30, duplicates: int = 0) -> None:
    """One file, or a folder of `files` files; the last `duplicates` rows repeat the first ones."""
    each = -(-rows // files)
    if files > 1:
        path.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        target = path / f"part-{number:05}.parquet" if files > 1 else path
        first, last = number * each, min((number + 1) * each, rows)
        writer = None
        for start in range(first, last, ROWS_PER_GROUP):
            part = group(start, min(ROWS_PER_GROUP, last - start), rows, shape, days)
            if writer is None:
                writer = pq.ParquetWriter(target, part.schema, compression="zstd", write_statistics=shape != "bare")
            writer.write_table(part, row_group_size=ROWS_PER_GROUP)
        if writer is not None:
            if duplicates and last == rows:
                writer.write_table(group(0, min(ROWS_PER_GROUP, each, rows), rows, shape, days).slice(0, duplicates))
            writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shape", choices=("plain", "strings", "bare", "wide"), default="plain")
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--duplicates", type=int, default=0)
    write(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
