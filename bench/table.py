"""The table the benchmarks read: 15 numbers, 5 categories and a time, as Parquet or CSV.

    python bench/table.py PATH [--rows N] [--days N] [--files N] [--group N] ...

writes one file or, of several, a folder of files; `--help` has the options.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from rows import START, Content

ROWS_AT_ONCE = 125_000


@dataclass(frozen=True)
class Layout:
    """How the rows lie in files.

    Attributes:
        files: one after the other by position; for `every`, each file has rows of all positions.
        group: rows of a row group.
        by_day: folders `day=2024-01-01`, of `files` files in all, at least one a day.
        duplicates: the last so many rows repeat the first ones.
    """

    files: int = 1
    every: bool = False
    by_day: bool = False
    group: int = 125_000
    statistics: bool = True
    dictionary: bool = True
    compression: str = "zstd"
    kind: str = "parquet"
    duplicates: int = 0

    def write(self, path: Path, content: Content) -> None:
        """Write the table to a file, or into a folder."""
        if self.files == 1 and not self.by_day:
            self._write(path, self._parts(content, range(content.total)))
            return
        for number, (name, positions) in enumerate(self._positions(content)):
            target = path / f"{name}part-{number:05}.{self.kind}"
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write(target, self._parts(content, positions))

    def _positions(self, content: Content) -> Iterator[tuple[str, range]]:
        """Folder and positions of each file."""
        count = max(self.files, content.days) if self.by_day else self.files
        for number in range(count):
            if self.every:
                yield "", range(number, content.total, count)
                continue
            first, last = (content.total * place // count for place in (number, number + 1))
            day = (START + timedelta(days=content.days * number // count)).date() if self.by_day else None
            yield f"day={day}/" if day else "", range(first, last)

    def _parts(self, content: Content, positions: range) -> Iterator[pa.Table]:
        for start in range(0, len(positions), ROWS_AT_ONCE):
            part = positions[start : start + ROWS_AT_ONCE]
            yield content.rows(part.start, len(part), positions.step)
        if self.duplicates and positions[-1] == content.total - 1:
            yield content.rows(0, min(ROWS_AT_ONCE, content.total)).slice(0, self.duplicates)

    def _write(self, target: Path, parts: Iterator[pa.Table]) -> None:
        waiting = pa.concat_tables([next(parts)])
        if self.kind == "csv":
            with pyarrow.csv.CSVWriter(target, waiting.schema) as csv:
                for part in (waiting, *parts):
                    csv.write_table(part)
            return
        options = {"write_statistics": self.statistics, "use_dictionary": self.dictionary}
        with pq.ParquetWriter(target, waiting.schema, compression=self.compression, **options) as parquet:
            for part in parts:
                while len(waiting) >= self.group:
                    parquet.write_table(waiting.slice(0, self.group), row_group_size=self.group)
                    waiting = waiting.slice(self.group)
                waiting = pa.concat_tables([waiting, part])
            parquet.write_table(waiting, row_group_size=self.group)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000, dest="total")
    options = [field for kind in (Content, Layout) for field in fields(kind) if field.name != "total"]
    for option in options:
        flag = f"--{option.name.replace('_', '-')}"
        if isinstance(option.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=option.default)
        else:
            choices = get_args(option.type) or None
            parser.add_argument(flag, type=type(option.default), choices=choices, default=option.default)
    chosen = vars(parser.parse_args())
    content, layout = ({field.name: chosen[field.name] for field in fields(kind)} for kind in (Content, Layout))
    Layout(**layout).write(chosen["path"], Content(**content))


if __name__ == "__main__":
    main()
