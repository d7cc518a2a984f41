"""The check `length`: texts have so many characters."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck, bounds_mistakes
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import text_probe
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.wording import between
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows


class LengthCheck(TolerantCheck):
    """Texts have `min` to `max` characters (Unicode code points)."""

    accepts: ClassVar = ("string",)
    why: ClassVar = "A text that is cut off, padded or empty no longer stands for what it should."

    check: Literal["length"]
    column: str
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        yield from bounds_mistakes("length", self.min, self.max)

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return length(self, rows.dataset)


def length(check: LengthCheck, dataset: Columns) -> Probe | Finding:
    characters = f"length({quoted(check.column)})"
    bounds = (("<", check.min), (">", check.max))
    bad = " OR ".join(f"{characters} {sign} {bound}" for sign, bound in bounds if bound is not None)
    return text_probe(check, check.column, dataset, bad, f"do not have {between(check.min, check.max)} characters")
