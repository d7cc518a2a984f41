"""The drift method `chi_square`: Pearson's test of the counts of text and boolean values."""

from typing import TYPE_CHECKING

from maestro_ml.core.results import Number
from maestro_ml.core.wording import number
from maestro_ml.drift_methods.categories import Categories, shares_differ, smaller_p
from maestro_ml.drift_methods.homogeneity import Homogeneity, homogeneity, pearson
from maestro_ml.drift_methods.method import DriftMethod, Outcome

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray


def chi_square(table: "NDArray[int64]") -> Outcome:
    """Run Pearson's test of homogeneity, without Yates' correction; the effect is Cramér's V.

    Where categories are rare it is two tests, of the table with rare ones together by frequency and of the rare ones
    among each other, and p is twice the smaller of both (Bonferroni).

    Args:
        table: counts of each category in the reference and in the window, shape (categories, 2), no side empty.
    """
    categories = Categories(table)
    reference, current = (int(side) for side in table.sum(axis=0))
    pooled, rare = homogeneity(categories.pooled), categories.among_rare
    cells = len(categories.pooled)
    text, numbers = (
        f"chi-square = {pooled.statistic:.4g} over {cells} categories",
        dict[str, Number](categories=cells),
    )
    p, smallest, statistic = smaller_p(pooled, rare), pooled.smallest_p, pooled.statistic
    if rare:
        numbers |= {
            "rare_categories": len(categories.rare),
            "rare_statistic": rare.statistic,
            "rare_expected": rare.mean,
            "rare_p_value": rare.p,
        }
        among = f"{rare.statistic:.4g} among {len(categories.rare):,} rare ones (chance: {number(rare.mean)})"
        text = f"{text} and {among}" if cells > 1 else f"chi-square = {among}"
        smallest = min(smallest, rare.smallest_p)
        statistic = pooled.statistic if pooled.p < rare.p else rare.statistic
    effect = _effect(categories, pooled, rare)
    return Outcome(
        reference,
        current,
        statistic=statistic,
        description=f"{text}, Cramér's V = {{value}}",
        p_value=p,
        smallest_p=smallest if shares_differ(table) else 0.0,
        effect=effect,
        numbers=numbers,
    )


def _effect(categories: Categories, pooled: Homogeneity, rare: Homogeneity | None) -> float:
    """Return Cramér's V; of the rare categories only what exceeds chance counts, or many would always be a lot."""
    import numpy as np

    sides = categories.table.sum(axis=0)
    size = int(sides.sum())
    explained = pooled.statistic / size
    if rare and rare.mean < (rare_size := int(categories.rare.sum())):
        rare_sides = categories.rare.sum(axis=0)
        beyond = max(0.0, rare.statistic - rare.mean) / (rare_size - rare.mean)
        # The statistic over the size is the part of the sides' variance that the categories explain.
        weight = (rare_sides[0] / sides[0]) * (rare_sides[1] / sides[1]) * (size / rare_size)
        as_one = pearson(np.vstack([categories.common, rare_sides])) / size
        explained = max(explained, as_one + beyond * float(weight))
    return float(min(1.0, explained) ** 0.5)


CHI_SQUARE = DriftMethod(
    name="chi_square",
    why="The categories have other proportions than in the reference: a model trained there may not hold. With many "
    "rows a small difference is enough for a small p: look at Cramér's V, from 0 (same) to 1 (disjoint).",
    compare_categories=chi_square,
    about="Pearson's chi-square, without Yates' correction (Pearson 1900)",
)
