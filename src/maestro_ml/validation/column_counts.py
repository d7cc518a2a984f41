"""What a profile counts of a column, and the checks that `maestro suggest` proposes come from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import LocalTable
from maestro_ml.tables.duckdb import in_little_memory
from maestro_ml.validation.rows import LocalRows

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

FLOATS = ("FLOAT", "DOUBLE")


def counting(dataset: LocalTable, columns: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return SQL of aggregates, each with its column and what it counts: `missing` is first the number of values."""
    return [(name, what, sql) for name in columns for what, sql in _aggregates(dataset, name).items()]


def counted(
    side: LocalRows, plan: Sequence[tuple[str, str, str]], rows: int, values: Sequence[Any]
) -> dict[str, dict[str, Any]]:
    """Return each column's `missing`, `distinct`, `low`, `high`, from the values of the plan's aggregates.

    Low and high leave NaN out, not infinities, and are of the column's own type: whole numbers and decimals keep every
    digit. Of floating-point columns distinct values are not counted. Columns that hold NaN or infinities have `nan`,
    `plus_infinity` and `minus_infinity` too.
    """
    found: dict[str, dict[str, Any]] = {name: {} for name, *_ in plan}
    for (name, what, _), value in zip(plan, values, strict=True):
        found[name][what] = rows - value if what == "missing" else value
    _count_infinities(side.rows, side.dataset, found)
    return found


def column_counts(side: LocalRows, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Count columns of a side, in one scan; as `counted`."""
    plan = counting(side.dataset, columns)
    aggregates = side.rows.aggregate(", ".join(["count(*)", *(sql for *_, sql in plan)]))
    [(rows, *values)] = in_little_memory(side.dataset.connection, aggregates.fetchall)
    return counted(side, plan, int(rows), values)


def _aggregates(dataset: LocalTable, column: str) -> dict[str, str]:
    name = quoted(column)
    match dataset.kind(column):
        case "integer" | "number":
            ends = {"low": f"min({name})", "high": f"max({name})"}
        case "timestamp" | "date":
            ends = {"low": f"min({name})::VARCHAR", "high": f"max({name})::VARCHAR"}
        case "other":
            return {"missing": f"count({name})"}
        case _:
            ends = {}
    counts = {"missing": f"count({name})"}
    if dataset.types[column] not in FLOATS:  # half the cost, and no use for measurements
        counts["distinct"] = f"approx_count_distinct({name})"
    return counts | ends


def _count_infinities(rows: "DuckDBPyRelation", dataset: LocalTable, found: dict[str, dict[str, Any]]) -> None:
    """Look again, at the few columns whose ends show that they hold NaN (the largest of all) or infinities."""
    import math

    strange = [
        name
        for name, values in found.items()
        if any(isinstance(values.get(end), float) and not math.isfinite(values[end]) for end in ("low", "high"))
    ]
    if not strange:
        return
    plan = [(name, what, sql) for name in strange for what, sql in _special(dataset, name).items()]
    [values] = rows.aggregate(", ".join(sql for *_, sql in plan)).fetchall()
    for (name, what, _), value in zip(plan, values, strict=True):
        found[name][what] = value


def _special(dataset: LocalTable, column: str) -> dict[str, str]:
    name = quoted(column)
    return {
        "missing": f"count(*) FILTER ({dataset.missing(column)})",
        "nan": f"count(*) FILTER (isnan({name}))",
        "plus_infinity": f"count(*) FILTER ({name} = 'inf'::DOUBLE)",
        "minus_infinity": f"count(*) FILTER ({name} = '-inf'::DOUBLE)",
        "low": f"min({name}) FILTER (NOT isnan({name}))",
        "high": f"max({name}) FILTER (NOT isnan({name}))",
    }
