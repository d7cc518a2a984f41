"""The files of a dataset: which can be read, and whether they agree on their columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NamedTuple

from maestro_ml.tables.sources.partitions import Disagreement, Partition
from maestro_ml.tables.sources.typed_text import TypedText

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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
        partitions: the columns that are names of folders.
        disagreeing: where files disagree with their folders, as far as that is known.
        readings: of columns of text, by name: those that hold a value the contract's type cannot be read from, and
            those that are read by a format.
    """

    readable: tuple[str, ...]
    refused: dict[str, str] = field(default_factory=dict)
    layouts: tuple[Layout, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    partitions: tuple[Partition, ...] = ()
    disagreeing: tuple[Disagreement, ...] = ()
    readings: dict[str, TypedText] = field(default_factory=dict)

    @property
    def uniform(self) -> bool:
        return len(self.layouts) <= 1

    def without_footers(self) -> "SourceFiles":
        """Return what is known of the files themselves, without what their own metadata say of the rows."""
        return SourceFiles(**{each.name: getattr(self, each.name) for each in fields(SourceFiles)})

    def disagreements(self, connection: "DuckDBPyConnection", most: int) -> Sequence[Disagreement]:  # noqa: ARG002
        """Return where files hold a partition's column and disagree with their folders: at most `most`."""
        return self.disagreeing[:most]
