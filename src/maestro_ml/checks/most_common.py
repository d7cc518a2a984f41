"""The check `most_common`: the most common value is one of a list."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.failing_rows import is_pii, shown_value
from maestro_ml.checks.listed_values import LISTABLE, Values, foreign_values, in_words, literals, unlisted
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import check_finding, on_error, rows_of, unchecked_finding, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Result
from maestro_ml.core.wording import share
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import ColumnType


class MostCommonCheck(BaseCheck):
    """The most common value is one of `values`; if several are equally common, one of them is enough.

    Missing values are left out; without any value the check is violated.
    """

    may_repeat: ClassVar = ("values",)
    accepts: ClassVar = LISTABLE
    why: ClassVar = (
        "The most common value is not the usual one: a default has changed, or one source sends most of the rows."
    )

    check: Literal["most_common"]
    column: str
    values: Values

    def probe(self, rows: WindowRows) -> Probe | Finding:
        if reason := unlisted(rows.dataset, self.column, self.values):
            return unchecked_finding(self, reason)
        return _most_common(self, rows)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        yield from super().contract_mistakes(types)
        if self.column in types:
            yield from foreign_values("values", self.column, self.values, types[self.column])


def _most_common(check: MostCommonCheck, rows: WindowRows) -> Probe:
    """Return a probe of how often the listed values occur: nothing can beat one that half of all rows have."""
    dataset, column = rows.dataset, quoted(check.column)
    listed = literals(dataset, check.column, check.values)
    counts = tuple(rows_of(check, dataset, f"{column} = {value}") for value in listed)

    def judge(count: int, *found: int) -> Finding | Probe:
        most = max(found, default=0)
        if not count or 2 * most >= count:
            return _judged(check, rows, count, most, listed[found.index(most)] if count else "", violated=not count)
        return _grouped(check, rows, dict(zip(found, listed, strict=True)))

    present = f"NOT {dataset.missing(check.column)}"
    return Probe((rows_of(check, dataset, present), *counts), judge, on_error(check), None)


def _grouped(check: MostCommonCheck, rows: WindowRows, listed: dict[int, str]) -> Probe:
    """Return a probe of the column's values, each with the number of its rows; `listed` by their number."""
    dataset, column = rows.dataset, quoted(check.column)
    condition = with_where(check, dataset, f"NOT {dataset.missing(check.column)}")
    counter = "copies" if check.column.lower() != "copies" else "copies_"
    grouped = f"(SELECT {column}, count(*) AS {counter} FROM {rows.view} WHERE {condition} GROUP BY {column})"  # noqa: S608
    first = f"SELECT {shown_value(dataset, check.column)} FROM {grouped} ORDER BY {counter} DESC, {column} LIMIT 1"  # noqa: S608

    def judge(count: int, most: int) -> Finding | Probe:
        count, most = int(count), int(most)  # a sum is a decimal on some engines
        if most in listed:
            return _judged(check, rows, count, most, listed[most], violated=False)

        def named(value: str | None) -> Finding:
            return _judged(check, rows, count, most, repr(value), violated=True)

        return Probe((f"({first})",), named, on_error(check), None)

    return Probe((f"sum({counter})", f"max({counter})"), judge, on_error(check), None, grouped)


def _judged(check: MostCommonCheck, rows: WindowRows, count: int, most: int, value: str, *, violated: bool) -> Finding:
    result = Result(details={"most": most, "values": count})
    if not count:
        return check_finding(check, "there is no value", result, violated=True)
    what = "" if is_pii(rows.dataset, check.column) else f" {value},"
    which = f"{'not ' if violated else ''}among {in_words(check.values)}"
    message = f"the most common value is{what} with {share(most, count)} values; {which}"
    return check_finding(check, message, result, violated=violated)
