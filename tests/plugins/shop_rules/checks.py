"""The check `multiple_of`: numbers are whole multiples of a step."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe
from maestro_ml.core.findings import Finding
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC


class MultipleOf(TolerantCheck):
    """Numbers are whole multiples of `step`."""

    accepts: ClassVar = NUMERIC
    why: ClassVar = "Prices are in whole steps; another one was converted twice."

    check: Literal["multiple_of"]
    column: str
    step: Annotated[int, Field(ge=1)]

    def probe(self, rows: WindowRows) -> Probe | Finding:
        bad = f"NOT {rows.dataset.missing(self.column)} AND {quoted(self.column)} % {self.step} <> 0"
        return count_probe(self, rows.dataset, bad, f"are no multiples of {self.step}")


class WithoutReason(TolerantCheck):
    check: Literal["without_reason"]

    def probe(self, rows: WindowRows) -> Probe | Finding:
        raise NotImplementedError


NO_CHECK = 42
