"""Rows of a window as numbers: some chosen at random, the same ones in every run with the same seed, or all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables.arrow_values import as_numpy
from maestro_ml.tables.sources.parquet import PLACE
from maestro_ml.validation.rows import LocalRows
from maestro_ml.validation.survey import taken_alone

if TYPE_CHECKING:
    from numpy import float32, int64
    from numpy.typing import NDArray

ROWS_AT_ONCE = 65_536


@dataclass(frozen=True)
class NumericRows:
    """Some rows: `numbers` of shape (rows, columns), missing as NaN, and where each is stored."""

    numbers: "NDArray[float32]"
    places: "NDArray[int64]"


def random_rows(side: LocalRows, columns: Sequence[str], size: int, seed: int) -> NumericRows:
    """Return at most `size` rows, in stored order; every row is as likely as any other, wherever it is stored."""
    import numpy as np

    sample = side.samples.get(seed)
    if sample is None or not sample.has(columns, size):
        sample = taken_alone(side, columns, size, seed)
    chosen = sample.first(size, columns)
    return NumericRows(np.column_stack([_finite(chosen.values[column]) for column in columns]), chosen.places)


def batches(side: LocalRows, columns: Sequence[str]) -> Iterator[NumericRows]:
    """Yield all rows, in stored order, some at a time."""
    import numpy as np

    fields = [quoted(PLACE), *(f"{quoted(column)}::DOUBLE" for column in columns)]
    rows = side.dataset.placed_rows(side.window).project(", ".join(f"{each} AS c{i}" for i, each in enumerate(fields)))
    for batch in rows.to_arrow_reader(ROWS_AT_ONCE):
        places, *numbers = map(as_numpy, batch.columns)
        yield NumericRows(np.column_stack([_finite(each) for each in numbers]), places)


def texts(side: LocalRows, columns: Sequence[str], places: Iterable[int]) -> list[tuple[str | None, ...]]:
    """Return the rows at these places, in this order, as text; null is None."""
    wanted = list(places)
    if not wanted or not columns:
        return [()] * len(wanted)
    found = side.dataset.placed_rows(side.window).filter(f"{quoted(PLACE)} IN ({', '.join(map(str, wanted))})")
    fields = ", ".join([quoted(PLACE), *(f"{quoted(column)}::VARCHAR" for column in columns)])
    by_place = {place: values for place, *values in found.project(fields).fetchall()}
    return [tuple(by_place[place]) for place in wanted]


def _finite(values: "NDArray[Any]") -> "NDArray[float32]":
    """Return missing as NaN, infinities as the largest numbers: no tree has a place for more."""
    import numpy as np

    filled: NDArray[Any] = values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values
    limit = np.finfo(np.float32).max
    return np.asarray(np.clip(filled, -limit, limit), dtype=np.float32)
