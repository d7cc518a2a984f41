"""The check `monotonic`: values only rise, or only fall, with time."""

from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_finding, on_error, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.sql.aggregates import ROWS, Aggregate
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows


class MonotonicCheck(TolerantCheck):
    """Values only rise (or fall: `decreasing`) in the order of the event time, in each group of `by`.

    `strict` forbids equal neighbours. Rows with the same time are ordered as suits the check.
    """

    reads_event_time: ClassVar = True
    why: ClassVar = "A value that must only move one way has jumped back: a reset counter, a late or a repeated load."

    check: Literal["monotonic"]
    column: str
    direction: Literal["increasing", "decreasing"] = "increasing"
    strict: bool = False
    by: tuple[str, ...] = ()

    def probe(self, rows: WindowRows) -> Probe:
        return monotonic(self, rows)


def monotonic(check: MonotonicCheck, rows: WindowRows) -> Probe:
    """Return a probe of values against those before them in time; rows without a value are passed over."""
    dataset, column = rows.dataset, quoted(check.column)
    increasing = check.direction == "increasing"
    names = [name for _, name in check.named_columns()]
    shown = identifying_columns(dataset, *names)
    before = "before"
    while before in {name.lower() for name in dataset.types}:
        before += "_"
    groups = f"PARTITION BY {', '.join(map(quoted, check.by))} " if check.by else ""
    ordered = f"{dataset.event_order}, {column}{'' if increasing else ' DESC'}"
    source = (
        f"(SELECT {', '.join(map(quoted, shown))}, lag({column}) OVER ({groups}ORDER BY {ordered}) AS {before} "  # noqa: S608
        f"FROM {rows.view} WHERE {with_where(check, dataset, f'NOT {dataset.missing(check.column)}')})"
    )
    bad = f"{column} {'<' if increasing else '>'}{'=' if check.strict else ''} {before}"
    group = f" of the same {', '.join(check.by)}" if check.by else ""
    what = f"{'do not rise' if increasing else 'do not fall'} against the value before{group}"
    if not check.strict:
        what = f"{'fall' if increasing else 'rise'} against the value before{group}"

    def judge(count: int, broken: int) -> Finding:
        return count_finding(check, count, broken, what)

    expressions = (ROWS, Aggregate("rows", condition=bad))
    return Probe(expressions, judge, on_error(check), Failing(bad, shown), source)
