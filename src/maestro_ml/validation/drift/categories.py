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

    counts = (
        f"SELECT {quoted(column)}::VARCHAR AS value, {numbers} FROM {side.view} "  # noqa: S608
        f"WHERE {quoted(column)} IS NOT NULL GROUP BY 1"
        for side, numbers in (
            (context.reference, "count(*) AS reference, 0 AS present"),
            (context.current, "0 AS reference, count(*) AS present"),
        )
    )
    both = (  # as a full join would, which not every database has
        "SELECT max(reference) AS reference, max(present) AS present "  # noqa: S608
        f"FROM ({' UNION ALL '.join(counts)}) AS counts GROUP BY value"
    )
    # A million values have few different pairs of counts.
    found = context.dataset.query(
        f"SELECT reference, present, count(*) FROM ({both}) GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608
    )
    pairs = np.array(found, dtype=np.int64).reshape(-1, 3)
    return np.repeat(pairs[:, :2], pairs[:, 2], axis=0)
