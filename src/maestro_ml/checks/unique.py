"""The checks `unique` and `duplicate_rows`: no row repeats another."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_finding, filter_clause, on_error, rows_of, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows


class UniqueCheck(TolerantCheck):
    """No two rows agree in all of `columns`; missing counts as a value here, and each repetition counts once."""

    why: ClassVar = "A repeated key counts its rows twice, in every join and every feature."

    check: Literal["unique"]
    columns: Annotated[tuple[str, ...], Field(min_length=1)]

    def probe(self, rows: WindowRows) -> Probe:
        return repeated_rows(self, rows)


class DuplicateRowsCheck(TolerantCheck):
    """No row repeats another in every column; each repetition counts once."""

    reads_every_column: ClassVar = True
    why: ClassVar = "Repeated rows weigh twice in every statistic and every model trained on them."

    check: Literal["duplicate_rows"]

    def probe(self, rows: WindowRows) -> Probe:
        return repeated_rows(self, rows)


_MOSTLY_DISTINCT = (
    0.5  # of the rows: with fewer different hashes, grouping all rows costs less than finding the suspicious ones
)
_DISTINGUISHING = 3
_SHOWN_COLUMNS = 8


def repeated_rows(check: UniqueCheck | DuplicateRowsCheck, rows: WindowRows) -> Probe:
    """Return a probe of rows that repeat another in the check's columns (in every column, where it names none)."""
    dataset = rows.dataset
    columns = check.columns if isinstance(check, UniqueCheck) else tuple(dataset.types)
    what = f"rows repeat another in {', '.join(columns) if isinstance(check, UniqueCheck) else 'every column'}"

    def probe(hashed_columns: tuple[str, ...]) -> Probe:
        hashed = f"hash({', '.join(map(quoted, hashed_columns))})"

        def judge(count: int, different: int) -> Finding | Probe:
            if count == different:
                return count_finding(check, count, 0, what)
            if different > _MOSTLY_DISTINCT * count:
                return _exact_probe(check, rows, columns, what, hashed)
            return _exact_probe(check, rows, columns, what, None) if hashed_columns == columns else probe(columns)

        return Probe(
            (rows_of(check, dataset), f"count(DISTINCT {hashed}) {filter_clause(check, dataset)}".strip()),
            judge,
            on_error(check),
            None,
            rows.in_own_scan("sets"),
        )

    return probe(_distinguishing_columns(dataset, columns))


def _distinguishing_columns(dataset: Columns, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return columns in which rows are likely to differ: the keys, the time and the first floating-point numbers."""
    likely = [*dataset.spec.keys, dataset.spec.timestamp, *(name for name in columns if dataset.can_be_nan(name))]
    chosen = tuple(name for name in dict.fromkeys(likely) if name and name in columns)[:_DISTINGUISHING]
    return chosen if len(columns) > _DISTINGUISHING and chosen else columns


def _exact_probe(
    check: UniqueCheck | DuplicateRowsCheck, rows: WindowRows, columns: tuple[str, ...], what: str, hashed: str | None
) -> Probe:
    """Return the exact probe: of all rows or, where `hashed`, of those that share their hash with another."""
    names = ", ".join(map(quoted, columns))
    condition = with_where(check, rows.dataset)
    source = f"(SELECT {names} FROM {rows.view} {f'WHERE {condition}' if condition else ''})"  # noqa: S608
    if hashed:
        twice = f"SELECT {hashed} FROM {source} GROUP BY 1 HAVING count(*) > 1"  # noqa: S608
        source = f"(SELECT * FROM {source} WHERE {hashed} IN ({twice}))"  # noqa: S608
    counter = _unused_name(rows.dataset)
    grouped = f"(SELECT {names}, count(*) AS {counter} FROM {source} GROUP BY {names})"  # noqa: S608
    all_rows = f"(SELECT {rows_of(check, rows.dataset).sql(rows.dataset.dialect)} FROM {rows.view})"  # noqa: S608

    def judge(repeated: int, count: int) -> Finding:
        return count_finding(check, count, repeated, what)

    shown = identifying_columns(rows.dataset, *columns[:_SHOWN_COLUMNS])
    failing = Failing(f"{counter} > 1", tuple(name for name in shown if name in columns))
    repeated = f"coalesce(sum({counter} - 1), 0)::BIGINT"
    return Probe((repeated, all_rows), judge, on_error(check), failing, grouped)


def _unused_name(dataset: Columns) -> str:
    name = "copies"
    while name in {column.lower() for column in dataset.types}:
        name += "_"
    return name
