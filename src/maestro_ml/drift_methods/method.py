"""What a drift method is, and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maestro_ml.core.results import Number

Kind = Literal["numeric", "categorical"]


@dataclass(frozen=True)
class Outcome:
    """Two samples, compared.

    `reference` and `current` count the values of each; `obstacle` says why there is nothing to judge. `description`
    names the statistic for a person; `{value}` stands where the number goes that is compared with a limit: `effect`,
    else `statistic`. `effect` is compared with `min_effect`, between 0 and 1. `smallest_p` is the smallest p-value
    that samples of this kind could have: where it is not below the limit, nothing was tested.
    """

    reference: int
    current: int
    obstacle: str | None = None
    statistic: float = 0.0
    description: str = ""
    p_value: float | None = None
    smallest_p: float = 0.0
    effect: float | None = None
    numbers: "dict[str, Number]" = field(default_factory=dict)


@dataclass(frozen=True)
class DriftMethod:
    """A way to compare the values of the window with those of the reference.

    Missing values are left out before a method sees them, and neither side is empty.

    Attributes:
        name: what the project file calls it.
        why: why drift by this method matters, for somebody who did not choose it.
        about: the number it measures and where that comes from, for the documentation.
        limit: a larger statistic is drift, unless the project file says otherwise; None where `p_value` decides.
        compare_numbers: takes the values of reference and window as arrays without NaN, shapes (n,) and (m,).
        compare_categories: takes the counts of each category in reference and window, shape (categories, 2).
        compare_distance: takes the sizes of both sides and the largest distance of their empirical distribution
            functions. A method that needs no more than that runs on every engine, and on any number of rows.
        check: the name findings carry; the name itself unless given.
    """

    name: str
    why: str
    about: str = ""
    limit: float | None = None
    compare_numbers: "Callable[[NDArray[Any], NDArray[Any]], Outcome] | None" = None
    compare_categories: "Callable[[NDArray[Any]], Outcome] | None" = None
    compare_distance: Callable[[int, int, float], Outcome] | None = None
    check: str = ""

    def __post_init__(self) -> None:
        if not self.kinds:
            raise ValueError(f"the drift method {self.name} compares nothing: give it compare_numbers or another")
        if not self.check:
            object.__setattr__(self, "check", self.name)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of columns it can compare."""
        numeric = self.compare_numbers or self.compare_distance
        return (*(("numeric",) if numeric else ()), *(("categorical",) if self.compare_categories else ()))

    @property
    def needs_arrays(self) -> bool:
        """Whether numeric columns are compared as arrays of all their values; if not, their distance is enough."""
        return "numeric" in self.kinds and not self.compare_distance
