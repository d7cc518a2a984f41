"""What the checks that count failing rows have in common."""

from collections.abc import Callable, Mapping
from typing import Any

from maestro_ml.checks.base import BaseCheck, TolerantCheck
from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.results import NOTHING, Count, Number, Result
from maestro_ml.core.wording import percent_limit, share_against
from maestro_ml.sql.aggregates import Aggregate
from maestro_ml.sql.columns import Columns


def count_probe(check: TolerantCheck, dataset: Columns, bad: str, what: str, source: str | None = None) -> Probe:
    """Return a probe of how many rows there are and for how many `bad` is true; `source` as in a probe."""

    def judge(rows: int, count: int) -> Finding:
        return count_finding(check, rows, count, what)

    failing = Failing(
        with_where(check, dataset, bad), identifying_columns(dataset, *(name for _, name in check.named_columns()))
    )
    return Probe(
        (rows_of(check, dataset), rows_of(check, dataset, bad)),
        judge,
        on_error(check),
        failing,
        source,
    )


def count_finding(
    check: TolerantCheck, rows: int, count: int, what: str, details: Mapping[str, Number] = {}
) -> Finding:
    """Return a finding about a count of rows, held against the check's tolerance."""
    limit: dict[str, Number]
    if check.max_count is not None:
        suffix, limit = f"; at most {check.max_count:,}", {"max_count": check.max_count}
    else:
        whole = "" if _narrowed(check) else " of the rows"
        suffix, limit = (
            f"; at most {percent_limit(check.max_share)}{whole}" if check.max_share else "",
            {"max_share": check.max_share or 0.0},
        )
    return check_finding(
        check,
        f"{share_against(count, rows, check.max_share or 0.0)} {what}{suffix}",
        Count(count, rows, details={**limit, **details}),
        violated=not check.tolerates(count, rows),
    )


def check_finding(check: BaseCheck, message: str, result: Result = NOTHING, *, violated: bool) -> Finding:
    """Return a finding of a declared check."""
    return finding(
        "quality",
        check.name(),
        check.severity,
        message + _narrowed(check),
        violated=violated,
        column=columns_of(check),
        result=result,
    )


def _narrowed(check: BaseCheck) -> str:
    """Say which rows the check is of; nothing where it is of all."""
    rows = "the rows with a value" if _ignored(check) else "the rows"
    where = f" where {check.where}" if check.where else ""
    return f", of {rows}{where}" if where or _ignored(check) else ""


def _ignored(check: BaseCheck) -> tuple[str, ...]:
    """Return the columns without whose values a row is no row of the check."""
    return check.judged_columns() if isinstance(check, TolerantCheck) and check.ignore_nulls else ()


def columns_of(check: BaseCheck) -> str | None:
    """Return the column or columns a check is about."""
    names = [name for field, name in check.named_columns() if field in ("column", "columns", "left", "right")]
    return ", ".join(names) or None


def unchecked_finding(check: BaseCheck, reason: str) -> Finding:
    """Return a violated finding: the check could not be made, and that is no pass."""
    return check_finding(check, f"cannot be checked: {reason}", violated=True)


def on_error(check: BaseCheck) -> Callable[[Exception], Finding]:
    """Return what to say of a check the database could not make."""

    def finding_of(error: Exception) -> Finding:
        return check_finding(check, f"could not be checked: {text_of(error)}", violated=True)

    return finding_of


def rows_of(check: BaseCheck, dataset: Columns, condition: str = "") -> Aggregate:
    """Return how many rows the check is of (and of those, how many meet the condition)."""
    return Aggregate("rows", condition=with_where(check, dataset, condition))


def filter_clause(check: BaseCheck, dataset: Columns, condition: str = "") -> str:
    """Return the FILTER clause of an aggregate over the check's rows, or over those of them that meet the condition."""
    filtered = with_where(check, dataset, condition)
    return f"FILTER (WHERE {filtered})" if filtered else ""


def with_where(check: BaseCheck, dataset: Columns, condition: str = "") -> str:
    parts = [dataset.predicate(check.where)] if check.where else []
    parts += [f"NOT {dataset.missing(column)}" for column in _ignored(check)]
    parts += [condition] if condition else []
    return " AND ".join(f"({part})" for part in parts)


def as_number(value: Any) -> int | float | None:
    """Return an aggregate's value as a finding can hold it; zero has no sign."""
    return value if value is None or isinstance(value, int) else float(value) + 0.0


def text_probe(check: TolerantCheck, column: str, dataset: Columns, bad: str, what: str) -> Probe | Finding:
    """Return a probe of how many texts of a column are `bad`."""
    kind = dataset.kind(column)
    if kind == "null":
        return count_probe(check, dataset, "FALSE", what)
    return (
        count_probe(check, dataset, bad, what)
        if kind == "string"
        else unchecked_finding(check, f"the column is {kind}, not text")
    )
