"""The check `forbidden`: no value is one of a list."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.listed_values import LISTABLE, Values, foreign_values, in_words, is_listed, unlisted
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe, unchecked_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import ColumnType


class ForbiddenCheck(TolerantCheck):
    """No value is one of `values`."""

    may_repeat: ClassVar = ("values",)
    accepts: ClassVar = LISTABLE
    why: ClassVar = "A placeholder or a retired code is taken for a real value."

    check: Literal["forbidden"]
    column: str
    values: Values

    def probe(self, rows: WindowRows) -> Probe | Finding:
        dataset = rows.dataset
        if reason := unlisted(dataset, self.column, self.values):
            return unchecked_finding(self, reason)
        # The comparison is unknown where the value is missing, so such a row passes.
        bad = is_listed(rows, self.column, self.values)
        return count_probe(self, dataset, bad, f"have a forbidden value: {in_words(self.values)}", rows.for_joins)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        yield from super().contract_mistakes(types)
        if self.column in types:
            yield from foreign_values("values", self.column, self.values, types[self.column])
