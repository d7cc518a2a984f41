"""What checks have in common: how grave, on which rows, how many may fail."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from maestro_ml.core.node import Mistake, Node, Severity
from maestro_ml.sql.predicates import Predicate, predicate_columns

if TYPE_CHECKING:
    from maestro_ml.checks.probe import Probe
    from maestro_ml.core.findings import Finding
    from maestro_ml.sql.table import WindowRows

_COLUMN_FIELDS = ("column", "columns", "left", "right", "by")
_PREDICATE_FIELDS = ("where", "sql")

Share = Annotated[float, Field(ge=0, le=1)]


class BaseCheck(Node):
    """A check of a window's rows, or of those for which `where` is true.

    Attributes:
        why: why a violation matters, for somebody who did not write the check.
    """

    why: ClassVar[str]

    severity: Severity = "error"
    where: Predicate | None = None

    @abstractmethod
    def probe(self, rows: "WindowRows") -> "Probe | Finding":
        """How to measure the check of some rows, or why it cannot be made."""

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """Every column of its own dataset the check reads, with the field that names it."""
        for field in _COLUMN_FIELDS:
            value = getattr(self, field, None) or ()
            yield from ((field, name) for name in ((value,) if isinstance(value, str) else value))
        for field in _PREDICATE_FIELDS:
            predicate = getattr(self, field, None)
            yield from ((field, name) for name in (predicate_columns(predicate) if predicate else ()))


class TolerantCheck(BaseCheck):
    """A check that counts rows: at most `max_count` of them, or the share `max_share`, may fail; by default none."""

    max_share: Share | None = None
    max_count: Annotated[int, Field(ge=0)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        if self.max_share is not None and self.max_count is not None:
            yield Mistake((), "give max_share or max_count, not both")

    def tolerates(self, count: int, rows: int) -> bool:
        """Whether `count` failing rows out of `rows` are few enough."""
        if self.max_count is not None:
            return count <= self.max_count
        return not count or count / rows <= (self.max_share or 0)


def bounds_mistakes(what: str, low: float | None, high: float | None) -> Iterator[Mistake]:
    """Unless there is a bound, and the two are in order."""
    if low is None and high is None:
        yield Mistake((), f"a {what} needs min, max or both")
    if low is not None and high is not None and low > high:
        yield Mistake((), f"min {low} is above max {high}")
