"""Text and boolean columns: how often each value comes, counted in the database, and the tests on these counts.

Categories too rare for the chi-square distribution are put together. That alone would make a window in which every
value is new the same as its reference, so the rare ones are also compared with each other.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from maestro_ml.core.findings import Number
from maestro_ml.core.wording import number
from maestro_ml.sql.identifiers import quoted
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.drift.methods.homogeneity import FEWEST_EXPECTED, Homogeneity, homogeneity, pearson
from maestro_ml.validation.drift.methods.psi import psi_among_rare, psi_of_counts
from maestro_ml.validation.drift.outcome import Outcome
from maestro_ml.validation.drift.plan import Method

if TYPE_CHECKING:
    from numpy import bool_, int64
    from numpy.typing import NDArray

_CHANCE = 0.001


def compared_categories(context: ValidationContext, column: str, method: Method) -> Outcome:
    """Chi-square or PSI of a column's values; missing ones are left out."""
    table = _counts(context, column)
    reference, current = (int(side) for side in table.sum(axis=0))
    if not reference or not current:
        return Outcome(reference, current)
    return psi_of_categories(table) if method == "psi" else chi_square(table)


@dataclass(frozen=True)
class Categories:
    """Counts of each category in the reference and in the window, shape (categories, 2), no row or side empty."""

    table: "NDArray[int64]"

    @cached_property
    def _is_rare(self) -> "NDArray[bool_]":
        """Expected fewer than five times in the smaller side."""
        sides = self.table.sum(axis=0)
        few: NDArray[bool_] = self.table.sum(axis=1) * (sides.min() / sides.sum()) < FEWEST_EXPECTED
        return few

    @property
    def common(self) -> "NDArray[int64]":
        return self.table[~self._is_rare]

    @property
    def rare(self) -> "NDArray[int64]":
        return self.table[self._is_rare]

    @cached_property
    def rare_by_frequency(self) -> list["NDArray[int64]"]:
        """The rare categories, those that come about as often together: once, 2 or 3 times, 4 to 7 times, ...

        Frequencies are of both sides together. They say nothing of how the sides differ, so that a test of the classes
        against each other stays valid. Classes too small for it join the one before.
        """
        import numpy as np

        level = np.frexp(self.rare.sum(axis=1))[1]
        sides = self.table.sum(axis=0)
        fewest = FEWEST_EXPECTED * sides.sum() / sides.min()
        classes: list[NDArray[int64]] = []
        for each in np.unique(level):
            members = self.rare[level == each]
            if classes and min(classes[-1].sum(), members.sum()) < fewest:
                classes[-1] = np.vstack([classes[-1], members])
            else:
                classes.append(members)
        return classes

    @cached_property
    def pooled(self) -> "NDArray[int64]":
        """The table with each class of rare categories as one."""
        import numpy as np

        return np.vstack([self.common, *(members.sum(axis=0) for members in self.rare_by_frequency)])

    @cached_property
    def among_rare(self) -> Homogeneity | None:
        """The rare categories against each other; None where they are fewer than two, or all on one side."""
        return homogeneity(self.rare) if len(self.rare) > 1 and self.rare.sum(axis=0).all() else None


def chi_square(table: "NDArray[int64]") -> Outcome:
    """Pearson's test of homogeneity, without Yates' correction; the effect is Cramér's V.

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
    p, smallest, statistic = _both(pooled, rare), pooled.smallest_p, pooled.statistic
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
        smallest_p=smallest if _differ(table) else 0.0,
        effect=effect,
        numbers=numbers,
    )


def psi_of_categories(table: "NDArray[int64]") -> Outcome:
    """PSI with rare categories together by frequency, and what these differ among each other beyond chance.

    The latter counts only where chance is unlikely (p < 0.001): of values that hardly repeat it is hard to tell.

    Args:
        table: as of `chi_square`.
    """
    categories = Categories(table)
    reference, current = (int(side) for side in table.sum(axis=0))
    bins, rare = len(categories.pooled), categories.among_rare
    statistic = psi_of_counts(categories.pooled).statistic
    text, numbers, smallest = f"over {bins} bins", dict[str, Number]({"bins": bins}), 0.0
    if rare:
        likely = _both(homogeneity(categories.pooled), rare) > _CHANCE
        among = 0.0
        if not likely:
            among = sum(psi_among_rare(members, (reference, current)) for members in categories.rare_by_frequency)
        statistic += among
        text += f", {among:.4f} of it among {len(categories.rare):,} rare values"
        numbers |= {"rare_categories": len(categories.rare), "rare_psi": among}
        smallest = rare.smallest_p if bins == 1 and _differ(table) else 0.0
    text = f"PSI = {{value}} {text}"
    return Outcome(reference, current, statistic=statistic, description=text, smallest_p=smallest, numbers=numbers)


def _both(pooled: Homogeneity, rare: Homogeneity | None) -> float:
    """The p-value of two tests of the same samples (Bonferroni); of the one that there is where one has one cell."""
    p_values = [test.p for test in (pooled, rare) if test and test.smallest_p < 1]
    return min(1.0, len(p_values) * min(p_values)) if p_values else 1.0


def _differ(table: "NDArray[int64]") -> bool:
    """Whether the shares of the two sides are not the same to the last value."""
    import numpy as np

    first, second = (side.astype(object) for side in table.T)
    return bool(np.any(first * second.sum() != second * first.sum()))


def _effect(categories: Categories, pooled: Homogeneity, rare: Homogeneity | None) -> float:
    """Cramér's V; what the rare categories add to it is without what chance gives, or many would always be a lot."""
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


def _counts(context: ValidationContext, column: str) -> "NDArray[int64]":
    """Counts of each value, shape (categories, 2)."""
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
