"""What looks wrong with a table, as findings that no contract is needed for."""

from collections.abc import Iterator
from itertools import combinations

from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import Count
from maestro_ml.core.wording import share
from maestro_ml.sql.identifiers import quoted
from maestro_ml.starting.columns import Column, Described
from maestro_ml.starting.rows import all_rows
from maestro_ml.tables import LocalTable

_MOST_MISSING = 0.5
_SHOWN = 40  # characters of a value
_TYPES = {"integer": "whole numbers", "number": "numbers", "date": "dates", "timestamp": "times", "boolean": "booleans"}


def oddities(table: LocalTable, described: Described) -> Iterator[Finding]:
    """Yield what looks wrong; nothing where everything looks right."""
    if not described.rows:
        yield _odd("rows_missing", "the table has no row")
        return
    if names := [c.name for c in described.columns if _is_value(c.name)]:
        message = f"the first line looks like a row, not like names of columns: {', '.join(names[:5])}"
        yield _odd("header", message)
    if not described.source.get("header", True):
        yield _odd(
            "header", "the first line looks like a row: it is read as one, and the columns are called column0, ..."
        )
    for column in described.columns:
        yield from _of_column(column)
    for name, own in described.source.get("columns", {}).items():
        if "null_values" in own:
            marks = ", ".join(map(_short, own["null_values"]))
            yield _odd("missing_marker", f"{marks} is read as a missing value, not as a text like the others", name)
    for name, why in described.ambiguous.items():
        yield _odd("ambiguous_dates", why, name)
    for name, stored in described.left_out.items():
        yield _odd("left_out", f"is {stored}, which no type of a contract holds", name)
    for first, second in _equal_columns(table, described):
        yield _odd("duplicate_column", f"has the same values as '{first}'", second)
    if repeated := _repeated_rows(table, described):
        message = f"{share(repeated, described.rows)} rows repeat an earlier one"
        yield _odd("duplicate_rows", message, count=(repeated, described.rows))


def leak_findings(found: dict[str, str]) -> Iterator[Finding]:
    """Yield a finding for each column that gives the label away."""
    for name, how in found.items():
        yield _odd("leak", f"gives the likely label away: {how}", name)


def _of_column(column: Column) -> Iterator[Finding]:
    name = column.name
    if not column.filled:
        yield _odd("empty_column", "holds no value", name)
    elif column.distinct == 1 and column.rows > 1:
        yield _odd("constant_column", f"holds one value only, {_short(column.low)}", name)
    elif column.missing / column.rows > _MOST_MISSING:
        message = f"{share(column.missing, column.rows)} missing"
        yield _odd("mostly_missing", message, name, (column.missing, column.rows))
    if column.meant:
        count, examples = column.strays
        shown = ", ".join(_short(value) for value in examples)
        message = f"{share(count, column.filled)} values are no {_TYPES[column.meant]}, as the others are: {shown}"
        yield _odd("mixed_types", message, name, (count, column.filled))


def _equal_columns(table: LocalTable, described: Described) -> Iterator[tuple[str, str]]:
    """Yield pairs of columns that are equal in every row, from those that are equally filled."""
    alike: dict[object, list[str]] = {}
    for c in described.columns:
        if c.distinct > 1:
            alike.setdefault((c.missing, c.distinct, str(c.low), str(c.high)), []).append(c.name)
    pairs = [pair for names in alike.values() for pair in combinations(names[:20], 2)][:500]
    if not pairs:
        return
    measures = [f"count(*) FILTER ({quoted(a)}::VARCHAR IS DISTINCT FROM {quoted(b)}::VARCHAR)" for a, b in pairs]
    [row] = all_rows(table).aggregate(", ".join(measures)).fetchall()
    yield from (pair for pair, different in zip(pairs, row, strict=True) if not different)


def _repeated_rows(table: LocalTable, described: Described) -> int:
    if any(column.is_unique for column in described.columns):
        return 0
    every = ", ".join(quoted(column.name) for column in described.columns)
    [(rows,)] = all_rows(table).aggregate(f"count(DISTINCT hash({every}))").fetchall()
    return described.rows - int(rows)


def _is_value(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _odd(check: str, message: str, column: str | None = None, count: tuple[int, int] | None = None) -> Finding:
    result = {"result": Count(*count)} if count else {}
    return finding("quality", check, "warn", message, violated=True, column=column, **result)
