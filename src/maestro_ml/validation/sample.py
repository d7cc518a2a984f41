"""Rows chosen at random by a hash of where they are stored, so that every run chooses the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.types import NUMERIC, TIMES, is_naive, kind_of
from maestro_ml.tables import LocalTable
from maestro_ml.tables.sources.parquet import PLACE

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from numpy import bool_, int64, uint64
    from numpy.typing import NDArray

MOST_TEXTS = 20_000  # rows of which texts are kept
_LONGEST = 60  # characters of a text
_HASHES = 2**64
_SURELY = 8  # standard deviations more than wanted, so that too few are chosen less than once in 10^14 times
RAW, HASH = "__maestro_row", "__maestro_hash"


@dataclass(frozen=True)
class Sample:
    """Some rows in stored order, each as likely as any other.

    Attributes:
        places: where they are stored, shape (n,).
        hashes: the rows with the smallest are the sample of a smaller size, shape (n,).
        values: a masked array a column, shape (n,): doubles of the numeric columns and of times (seconds since 1970, by
            its own clock without a zone), texts (cut at 60) of the others, which only the first MOST_TEXTS rows have.
        complete: these are all rows.
    """

    places: "NDArray[int64]"
    hashes: "NDArray[uint64]"
    values: "dict[str, NDArray[Any]]"
    complete: bool

    def has(self, columns: Iterable[str], size: int) -> bool:
        """Return whether a sample of so many rows of these columns can be taken from it."""
        return (self.complete or len(self.places) >= size) and set(columns) <= self.values.keys()

    def first(self, size: int, columns: Iterable[str]) -> "Sample":
        """Return a sample of at most `size` of the rows, and these columns of it."""
        chosen = self._chosen(size)
        values = {column: self.values[column][chosen] for column in columns}
        complete = self.complete and size >= len(self.places)
        return Sample(self.places[chosen], self.hashes[chosen], values, complete)

    def _chosen(self, size: int) -> "slice | NDArray[bool_]":
        import numpy as np

        if size >= len(self.places):
            return slice(None)
        order = np.argsort(self.hashes, kind="stable")[:size]
        chosen = np.zeros(len(self.places), bool)
        chosen[order] = True
        return chosen


def hash_sql(seed: int) -> str:
    """Return SQL for the hash of a row's place."""
    return f"hash({quoted(PLACE)}, {literal(str(seed))})"


def highest_hash(size: int, rows: int) -> int:
    """Return a hash below which at least `size` of so many rows are, and few more."""
    if size >= rows:
        return _HASHES - 1
    return min(_HASHES - 1, int(_HASHES * (size + _SURELY * (size**0.5 + 1)) / rows))


def raw_sql(columns: Sequence[str], seed: int) -> str:
    """Return SQL for what is kept of a row, to be read by `as_sample`: cheap, because it is made of every row."""
    kept = (quoted(column) for column in columns)
    fields = (f"'v{i}': {each}" for i, each in enumerate([quoted(PLACE), hash_sql(seed), *kept]))
    return f"{{{', '.join(fields)}}}"


def as_sample(
    chosen: "DuckDBPyRelation", dataset: LocalTable, columns: Sequence[str], *, size: int, rows: int
) -> Sample:
    """Return the sample from what was chosen of so many rows; it holds RAW, what `raw_sql` made of each."""
    with_text = highest_hash(MOST_TEXTS, rows)
    values = [
        _as_number(f"{RAW}.v{i}", dataset.types[column])
        if dataset.kind(column) in (*NUMERIC, *TIMES, "null")
        else f"CASE WHEN {RAW}.v1 <= {with_text}::UBIGINT THEN left({RAW}.v{i}::VARCHAR, {_LONGEST}) END"
        for i, column in enumerate(columns, start=2)
    ]
    fields = [f"{RAW}.v0", f"{RAW}.v1", *values]
    found = chosen.project(", ".join(f"{field} AS c{i}" for i, field in enumerate(fields))).fetchnumpy()
    places, hashes, *arrays = found.values()
    order = places.argsort(kind="stable")
    by_column = dict(zip(columns, (array[order] for array in arrays), strict=True))
    return Sample(places[order], hashes[order], by_column, size >= rows).first(size, columns)


def _as_number(value: str, stored: str) -> str:
    kind = kind_of(stored)
    if kind not in TIMES:
        return f"{value}::DOUBLE"
    moment = "TIMESTAMP" if kind == "date" or is_naive(stored) else "TIMESTAMPTZ"
    return f"epoch_us({value}::{moment})::DOUBLE / 1e6"  # none of an infinite one
