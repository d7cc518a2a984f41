"""Values of two samples as they are read, one among the other: nothing is copied to separate them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy import int8
    from numpy.typing import NDArray

REFERENCE, CURRENT, NEITHER = 0, 1, -1


class Sided(NamedTuple):
    """Some values, and the side that each is of: REFERENCE, CURRENT, or NEITHER where it counts for nothing.

    Attributes:
        values: shape (n,).
        sides: one for all, or that of each, shape (n,).
    """

    values: "NDArray[Any]"
    sides: "int | NDArray[int8]"

    def of(self, side: int) -> "NDArray[Any]":
        """Return the values of one side, in their order."""
        if isinstance(self.sides, int):
            return self.values if self.sides == side else self.values[:0]
        import numpy as np

        found: NDArray[Any] = self.values.take(np.flatnonzero(self.sides == side))  # quicker than by a mask
        return found

    @property
    def present(self) -> "NDArray[Any]":
        """The values of either side."""
        if isinstance(self.sides, int):
            return self.values if self.sides != NEITHER else self.values[:0]
        found: NDArray[Any] = self.values[self.sides != NEITHER]
        return found

    def at(self, positions: "slice | NDArray[Any]") -> "Sided":
        """Return the values at some positions."""
        return Sided(self.values[positions], self.sides if isinstance(self.sides, int) else self.sides[positions])

    def without(self, absent: "NDArray[Any] | None") -> "Sided":
        """Return the same values, of which those that are absent count for nothing.

        Args:
            absent: which ones, shape (n,); None if all count.
        """
        import numpy as np

        if absent is None or not absent.any():
            return self
        sides = self.sides if not isinstance(self.sides, int) else np.int8(self.sides)
        return Sided(self.values, np.where(absent, np.int8(NEITHER), sides))

    @property
    def without_nan(self) -> "Sided":
        """The same values, of which NaN counts for nothing."""
        import numpy as np

        return self.without(np.isnan(self.values) if np.issubdtype(self.values.dtype, np.floating) else None)


def of_side(parts: Iterable[Sided], side: int) -> "NDArray[Any]":
    """Return the values of one side in all of the parts."""
    import numpy as np

    found = [part.of(side) for part in parts]
    return np.concatenate(found) if found else np.empty(0)
