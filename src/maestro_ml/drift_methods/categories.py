"""Counts of categories in two samples, rare ones separated.

Categories too rare for the chi-square distribution are pooled. Pooling alone would make a window in which every value
is new the same as its reference, so the rare categories are also compared with each other.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from maestro_ml.drift_methods.homogeneity import FEWEST_EXPECTED, Homogeneity, homogeneity

if TYPE_CHECKING:
    from numpy import bool_, int64
    from numpy.typing import NDArray


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


def smaller_p(pooled: Homogeneity, rare: Homogeneity | None) -> float:
    """Return the p-value of two tests of the same samples (Bonferroni), or of one where the other has a single cell."""
    p_values = [test.p for test in (pooled, rare) if test and test.smallest_p < 1]
    return min(1.0, len(p_values) * min(p_values)) if p_values else 1.0


def shares_differ(table: "NDArray[int64]") -> bool:
    """Return whether the shares of the two sides are not the same to the last value."""
    import numpy as np

    first, second = (side.astype(object) for side in table.T)
    return bool(np.any(first * second.sum() != second * first.sum()))
