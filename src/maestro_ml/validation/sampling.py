"""Rows of a window chosen at random, the same ones in every run with the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_ml.data.identifiers import quoted
from maestro_ml.validation.subject import Slice

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """Some rows: `numbers` of shape (rows, columns), and beside them `labels`, each column's values as text or None."""

    numbers: "NDArray[float32]"
    labels: tuple[Sequence[str | None], ...] = ()


def sample(side: Slice, columns: Sequence[str], size: int, seed: int, labels: Sequence[str] = ()) -> Rows:
    """At most `size` rows, in one scan; every row is as likely as any other, wherever it is stored.

    Args:
        columns: numeric ones; missing values are NaN.
        labels: columns of any type, to tell the rows by.
    """
    import numpy as np

    expressions = [f"{quoted(name)}::DOUBLE AS c{i}" for i, name in enumerate(columns)]
    expressions += [f"{quoted(name)}::VARCHAR AS l{i}" for i, name in enumerate(labels)]
    side.rows.create_view("sampled", replace=True)
    query = f"SELECT *, row_number() OVER () AS place FROM (SELECT {', '.join(expressions)} FROM sampled)"  # noqa: S608
    parameters: list[Any] = []
    if size < side.count:
        chosen = np.random.default_rng(seed).choice(side.count, size, replace=False)
        query = f"SELECT * FROM ({query}) WHERE place IN (SELECT unnest(?)) ORDER BY place"  # noqa: S608
        parameters = [(chosen + 1).tolist()]
    found = side.dataset.connection.execute(query, parameters).fetchnumpy()
    numbers = np.column_stack([as_float32(found.pop(f"c{i}")) for i in range(len(columns))])
    return Rows(numbers, tuple(_texts(found.pop(f"l{i}")) for i in range(len(labels))))


def as_float32(values: "NDArray[Any]") -> "NDArray[float32]":
    """Missing as NaN, infinities as the largest numbers: what scikit-learn's trees can take."""
    import numpy as np

    filled: NDArray[Any] = values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values
    limit = np.finfo(np.float32).max
    return np.asarray(np.clip(filled, -limit, limit), dtype=np.float32)


def _texts(values: "NDArray[Any]") -> Sequence[str | None]:
    import numpy as np

    missing = np.ma.getmaskarray(values)
    return [None if absent else str(value) for value, absent in zip(np.ma.getdata(values), missing, strict=True)]
