"""The check `distinct`: a column has so many different values."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import BaseCheck, Share
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import check_finding, filter_clause, on_error, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Result
from maestro_ml.core.wording import between, number, percent_against, percent_limit
from maestro_ml.sql.aggregates import Aggregate
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows

_BOUNDS = (("min", "max"), ("min_share", "max_share"))


class DistinctCheck(BaseCheck):
    """The column has `min` to `max` different values, or `min_share` to `max_share` of its values are different.

    Missing values are left out of both; without any value, the share is 0.
    """

    why: ClassVar = "A column has fewer or more different values than it should: some are missing, or a code is new."

    check: Literal["distinct"]
    column: str
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None
    min_share: Share | None = None
    max_share: Share | None = None

    def mistakes(self) -> Iterator[Mistake]:
        if all(getattr(self, key) is None for pair in _BOUNDS for key in pair):
            yield Mistake((), "a distinct check needs a bound: min, max, min_share or max_share")
        for low, high in _BOUNDS:
            first, last = getattr(self, low), getattr(self, high)
            if first is not None and last is not None and first > last:
                yield Mistake((), f"{low} {first} is above {high} {last}")

    def probe(self, rows: WindowRows) -> Probe:
        dataset = rows.dataset
        present = f"NOT {dataset.missing(self.column)}"
        values = Aggregate("rows", condition=with_where(self, dataset, present))
        different = f"count(DISTINCT {quoted(self.column)}) {filter_clause(self, dataset, present)}"
        return Probe((values, different), self._judge, on_error(self), None)

    def _judge(self, values: int, different: int) -> Finding:
        share = different / values if values else 0.0
        inside = _inside(different, self.min, self.max) and _inside(share, self.min_share, self.max_share)
        wanted = [between(self.min, self.max)] if self.min is not None or self.max is not None else []
        shares = (("at least", self.min_share), ("at most", self.max_share))
        wanted += [f"{word} {percent_limit(bound)} of the values" for word, bound in shares if bound is not None]
        near = next((bound for _, bound in shares if bound is not None), 0.0)
        message = (
            f"{number(different)} different value{'' if different == 1 else 's'} in {values:,} "
            f"({percent_against(share, near)}); {', '.join(wanted)}"
        )
        given = {key: getattr(self, key) for pair in _BOUNDS for key in pair}
        result = Result(details={"distinct": different, "values": values, **given})
        return check_finding(self, message, result, violated=not inside)


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)
