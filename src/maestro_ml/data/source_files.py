"""The files of a dataset: which can be read, and whether they agree on their columns."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple

Columns = tuple[tuple[str, str | None], ...]


class Layout(NamedTuple):
    """Columns with their types (None: nested), the first file that has them, and how many files do."""

    columns: Columns
    file: str
    files: int


@dataclass(frozen=True)
class SourceFiles:
    """The files of a dataset.

    Attributes:
        readable: names DuckDB can open, without those in `refused`.
        refused: why a file cannot be read at all, by its name.
        layouts: none where there is one file, one where they agree.
        left_out: why a file beside them, which looks like data, is none of them, by its name.
    """

    readable: tuple[str, ...]
    refused: dict[str, str] = field(default_factory=dict)
    layouts: tuple[Layout, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def uniform(self) -> bool:
        return len(self.layouts) <= 1


def short(file: str) -> str:
    """A file's name for a person."""
    return PurePosixPath(file).name
