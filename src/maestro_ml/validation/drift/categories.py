"""Counts of the values of text and boolean columns, made in the database."""

from typing import TYPE_CHECKING

from maestro_ml.sql.identifiers import quoted
from maestro_ml.validation.context import ValidationContext

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray


def category_counts(context: ValidationContext, column: str) -> "NDArray[int64]":
    """Return the counts of each value in the reference and in the window, shape (categories, 2)."""
    import numpy as np

    reference, current = (
        f"SELECT {quoted(column)}::VARCHAR AS value, count(*) AS n FROM {side.view} "  # noqa: S608
        f"WHERE {quoted(column)} IS NOT NULL GROUP BY 1"
        for side in (context.reference, context.current)
    )
    both = (
        "SELECT coalesce(r.n, 0) AS reference, coalesce(c.n, 0) AS present "  # noqa: S608
        f"FROM ({reference}) AS r FULL JOIN ({current}) AS c ON r.value = c.value"
    )
    # A million values have few different pairs of counts.
    found = context.dataset.query(
        f"SELECT reference, present, count(*) FROM ({both}) GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608
    )
    pairs = np.array(found, dtype=np.int64).reshape(-1, 3)
    return np.repeat(pairs[:, :2], pairs[:, 2], axis=0)
