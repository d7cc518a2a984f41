"""Rows of a window chosen at random, the same ones in every run with the same seed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_ml.sql.identifiers import quoted
from maestro_ml.validation.context import LocalRows

if TYPE_CHECKING:
    from numpy import float32, int64
    from numpy.typing import NDArray

_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True)
class NumericRows:
    """Some rows: `numbers` of shape (rows, columns), missing as NaN, and where each stands in the window, from 1."""

    numbers: "NDArray[float32]"
    places: "NDArray[int64]"


def random_rows(side: LocalRows, columns: Sequence[str], size: int, seed: int) -> NumericRows:
    """At most `size` rows, in stored order, in one scan; every row is as likely as any other, wherever it is stored."""
    import numpy as np

    if size < side.count:
        chosen = np.random.default_rng(seed).choice(side.count, size, replace=False) + 1
        found = _at(side, columns, chosen.tolist(), "DOUBLE").fetchnumpy()
    else:
        chosen = np.arange(1, side.count + 1)
        found = side.rows.project(_selected(columns, "DOUBLE")).fetchnumpy()
    return NumericRows(np.column_stack([_finite(found.pop(f"c{i}")) for i in range(len(columns))]), np.sort(chosen))


def batches(side: LocalRows, columns: Sequence[str]) -> Iterator[NumericRows]:
    """Yield all rows, in stored order, some at a time."""
    import numpy as np

    first = 1
    for batch in side.rows.project(_selected(columns, "DOUBLE")).to_arrow_reader(_ROWS_AT_ONCE):
        numbers = np.column_stack([_finite(column.to_numpy(zero_copy_only=False)) for column in batch.columns])
        yield NumericRows(numbers, np.arange(first, first + len(numbers)))
        first += len(numbers)


def texts(side: LocalRows, columns: Sequence[str], places: Iterable[int]) -> list[tuple[str | None, ...]]:
    """Return the rows at these places, in this order, as text; null is None."""
    wanted = list(places)
    if not columns:
        return [()] * len(wanted)
    found: list[tuple[str | None, ...]] = _at(side, columns, wanted, "VARCHAR").fetchall()
    by_place = dict(zip(sorted(wanted), found, strict=True))
    return [by_place[place] for place in wanted]


def _at(side: LocalRows, columns: Sequence[str], places: list[int], as_type: str) -> Any:
    raw = ", ".join(f"{quoted(name)} AS c{i}" for i, name in enumerate(columns))
    cast = ", ".join(f"c{i}::{as_type} AS c{i}" for i in range(len(columns)))
    # Cast outside, or every row would be.
    query = f"""
        SELECT {cast} FROM (SELECT {raw}, row_number() OVER () AS place FROM {side.view})
        WHERE place IN (SELECT unnest(?)) ORDER BY place
    """  # noqa: S608
    return side.dataset.connection.execute(query, [places])


def _selected(columns: Sequence[str], as_type: str) -> str:
    return ", ".join(f"{quoted(name)}::{as_type} AS c{i}" for i, name in enumerate(columns))


def _finite(values: "NDArray[Any]") -> "NDArray[float32]":
    """Missing as NaN, infinities as the largest numbers: no tree has a place for more."""
    import numpy as np

    filled: NDArray[Any] = values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values
    limit = np.finfo(np.float32).max
    return np.asarray(np.clip(filled, -limit, limit), dtype=np.float32)
