"""The check `value_set`: every value of a list occurs."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.listed_values import LISTABLE, Values, foreign_values, in_words, is_listed, literals, unlisted
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import check_finding, filter_clause, on_error, rows_of, unchecked_finding, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Result
from maestro_ml.core.wording import share
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import ColumnType

_MOST_NAMED = 50  # values of which each is looked for, to name those that are not there


class ValueSetCheck(BaseCheck):
    """Each value of `contains` occurs in the column; with `equals`, no other value does."""

    may_repeat: ClassVar = ("contains", "equals")
    accepts: ClassVar = LISTABLE
    why: ClassVar = (
        "A group that is always present is missing: the load of a shop, a region or a carrier did not arrive."
    )

    check: Literal["value_set"]
    column: str
    contains: Values | None = None
    equals: Values | None = None

    def mistakes(self) -> Iterator[Mistake]:
        if (self.contains is None) == (self.equals is None):
            yield Mistake((), "give contains or equals, one of the two")

    @property
    def values(self) -> tuple[Any, ...]:
        """The values, each once."""
        return tuple(dict.fromkeys(self.contains or self.equals or ()))

    def probe(self, rows: WindowRows) -> Probe | Finding:
        dataset = rows.dataset
        if reason := unlisted(dataset, self.column, self.values):
            return unchecked_finding(self, reason)
        if len(literals(dataset, self.column, self.values)) < len(self.values):
            return unchecked_finding(
                self, f"the column's type, {dataset.sql_type(self.column)}, cannot hold every value"
            )
        return _value_set(self, rows)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        yield from super().contract_mistakes(types)
        if self.column in types and self.values:
            field = "equals" if self.equals else "contains"
            yield from foreign_values(field, self.column, self.values, types[self.column])


def _value_set(check: ValueSetCheck, rows: WindowRows) -> Probe:
    dataset, column = rows.dataset, quoted(check.column)
    listed = is_listed(rows, check.column, check.values)
    foreign = f"NOT {dataset.missing(check.column)} AND NOT ({listed})"

    def judge(count: int, found: int, others: int) -> Finding | Probe:
        absent = len(check.values) - found
        if absent and len(check.values) <= _MOST_NAMED:
            return _naming(check, dataset, count, others, foreign)
        missing = f"{absent:,} of the {len(check.values):,} values do" if absent else ""
        return _judged(check, count, others, missing)

    return Probe(
        (
            rows_of(check, dataset),
            f"count(DISTINCT {column}) {filter_clause(check, dataset, listed)}",
            rows_of(check, dataset, foreign),
        ),
        judge,
        on_error(check),
        _failing(check, dataset, foreign) if check.equals else None,
        rows.for_joins,
    )


def _naming(check: ValueSetCheck, dataset: Columns, count: int, others: int, foreign: str) -> Probe:
    """Return a probe of which values are not there."""
    wanted = literals(dataset, check.column, check.values)
    counts = tuple(rows_of(check, dataset, f"{quoted(check.column)} = {value}") for value in wanted)

    def judge(*found: int) -> Finding:
        absent = [value for value, rows in zip(check.values, found, strict=True) if not rows]
        return _judged(check, count, others, f"{in_words(absent)} {'does' if len(absent) == 1 else 'do'}")

    failing = _failing(check, dataset, foreign) if check.equals and others else None
    return Probe(counts, judge, on_error(check), failing)


def _failing(check: ValueSetCheck, dataset: Columns, foreign: str) -> Failing:
    return Failing(with_where(check, dataset, foreign), identifying_columns(dataset, check.column))


def _judged(check: ValueSetCheck, count: int, others: int, absent: str) -> Finding:
    foreign = others if check.equals else 0
    wrong = [f"{absent} not occur"] if absent else []
    wrong += [f"{share(foreign, count)} have another value"] if foreign else []
    right = f"all {len(check.values):,} values occur" if len(check.values) > 1 else "the value occurs"
    message = "; ".join(wrong) or f"{right}{', and no other' if check.equals else ''}"
    result = Result(details={"listed": len(check.values), "others": others, "rows": count})
    return check_finding(check, message, result, violated=bool(wrong))
