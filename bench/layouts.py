"""The shapes people's tables have: what the rows hold and how they lie in files, by name.

    python bench/layouts.py NAME ROWS PATH

writes one, in a process of its own: what a process starts with counts as memory of those it starts.
"""

import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rows import Content
from table import Layout

DAYS = 62  # a month, and the month before as its reference
FILES = 10_000


@dataclass(frozen=True)
class Shape:
    """A table with its options for bench/table.py, and what is special about it.

    Attributes:
        most: no more rows than that, where more would not make another point.
    """

    name: str
    about: str
    options: dict[str, Any]
    most: int | None = None

    def tables(self, rows: int) -> tuple[Content, Layout]:
        """Return content and layout of a table of so many rows."""
        given = {"days": DAYS, **self.options}
        own = {field.name for field in fields(Layout)}
        content = Content(min(rows, self.most or rows), **{k: v for k, v in given.items() if k not in own})
        return content, Layout(**{k: v for k, v in given.items() if k in own})


SHAPES = (
    Shape("sorted", "one file, sorted by time", {}),
    Shape("unsorted", "eight files of unsorted rows", {"order": "random", "files": 8, "group": 1_000_000}),
    Shape("hashed", "64 files, each of all times", {"files": 64, "every": True}),
    Shape("by day", "a folder a day", {"by_day": True}),
    Shape("giant groups", "row groups of ten million rows", {"group": 10_000_000}),
    Shape("tiny groups", "row groups of 5,000 rows", {"group": 5_000}),
    Shape("no statistics", "footers without statistics", {"statistics": False}),
    Shape("plain encoding", "no dictionaries", {"dictionary": False}),
    Shape("snappy", "compressed by snappy", {"compression": "snappy"}),
    Shape("narrow texts", "six letters, nearly all different", {"texts": "narrow"}),
    Shape("wide texts", "40 letters, nearly all different", {"texts": "wide"}),
    Shape("naive times", "times without a zone", {"times": "naive"}),
    Shape("nanoseconds", "times in nanoseconds", {"times": "nanoseconds"}),
    Shape("cut groups", "windows that cut row groups", {"group": 130_000}),
    Shape("one per cent", "a window of one per cent of the table", {"days": 3_100}),
    Shape("small files", f"{FILES:,} files", {"files": FILES}, most=1_000_000),
)

if __name__ == "__main__":
    [_chosen] = (shape for shape in SHAPES if shape.name == sys.argv[1])
    _content, _layout = _chosen.tables(int(sys.argv[2]))
    _layout.write(Path(sys.argv[3]), _content)
