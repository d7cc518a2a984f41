"""Text and boolean columns: how often each value comes, counted in the database, and the tests on these counts."""

from typing import TYPE_CHECKING

from maestro_ml.data.identifiers import quoted
from maestro_ml.validation.drift.outcome import Outcome
from maestro_ml.validation.drift.planning import Method
from maestro_ml.validation.drift.psi import psi_of_counts
from maestro_ml.validation.subject import Subject

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

_RARE = 5  # Cochran (1954): below this expected count the chi-square distribution is a bad guide


def compared_categories(subject: Subject, column: str, method: Method) -> Outcome:
    """Chi-square or PSI of a column's values; missing ones are left out."""
    table = _counts(subject, column)
    reference, current = (int(side) for side in table.sum(axis=0))
    if not reference or not current:
        return Outcome(reference, current)
    return psi_of_counts(table) if method == "psi" else chi_square(table)


def chi_square(table: "NDArray[int64]") -> Outcome:
    """Pearson's test of homogeneity, without Yates' correction; the effect is Cramér's V.

    Args:
        table: counts of each category in the reference and in the window, shape (categories, 2), no side empty.
    """
    import numpy as np

    reference, current = (int(side) for side in table.sum(axis=0))
    if len(table) == 1:
        statistic, p = 0.0, 1.0
    else:
        from scipy.special import chdtrc

        expected = table.sum(axis=1, keepdims=True) * (table.sum(axis=0) / table.sum())
        statistic = float(np.sum((table - expected) ** 2 / expected))
        p = float(chdtrc(len(table) - 1, statistic))
    effect = (statistic / (reference + current)) ** 0.5
    return Outcome(
        reference,
        current,
        statistic=statistic,
        told=f"chi-square = {statistic:.4g} over {len(table)} categories, Cramér's V = {effect:.4f}",
        p_value=p,
        effect=effect,
        numbers={"categories": len(table)},
    )


def _counts(subject: Subject, column: str) -> "NDArray[int64]":
    """Counts of each value, shape (categories, 2); values too rare in the smaller side are one category together."""
    import numpy as np

    reference, current = (
        f"SELECT {quoted(column)}::VARCHAR AS value, count(*) AS n FROM {side.view} "  # noqa: S608
        f"WHERE {quoted(column)} IS NOT NULL GROUP BY 1"
        for side in (subject.reference, subject.current)
    )
    both = (
        "SELECT coalesce(r.value, c.value) AS value, coalesce(r.n, 0) AS reference, coalesce(c.n, 0) AS present "  # noqa: S608
        f"FROM ({reference}) AS r FULL JOIN ({current}) AS c ON r.value = c.value"
    )
    sized = f"SELECT *, sum(reference) OVER () AS before, sum(present) OVER () AS now FROM ({both})"  # noqa: S608
    common = f"(reference + present) * least(before, now)::DOUBLE / (before + now) >= {_RARE}"
    found = subject.dataset.query(
        "SELECT sum(reference)::BIGINT, sum(present)::BIGINT "  # noqa: S608
        f"FROM ({sized}) GROUP BY CASE WHEN {common} THEN value END"
    )
    return np.array(found, dtype=np.int64).reshape(-1, 2)
