"""The rows a profile is made from: exact counts in one scan, and an even sample that is the same in every run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from maestro_ml.sql.identifiers import quoted, timestamp_literal
from maestro_ml.sql.types import NUMERIC
from maestro_ml.validation.context import LocalRows

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from numpy.typing import NDArray

FLOATS = ("FLOAT", "DOUBLE")
_EXACT_ROWS = 2_000_000
_STRETCHES = 16
_LONGEST = 60  # characters of a text
_SAMPLE_ROWS, _SAMPLE_CELLS, _FEWEST_ROWS = 20_000, 400_000, 5_000


def profiled_rows(side: LocalRows) -> "DuckDBPyRelation":
    """The side's rows; of more than two million, those of 16 stretches of its window that hold about half as many.

    Time-sorted Parquet is then read only there, so that a profile costs the same however large the side is.
    """
    if side.count <= _EXACT_ROWS or side.window is None:
        return side.rows
    step = side.window.length / _STRETCHES
    part = step * (_EXACT_ROWS / 2 / side.count)
    starts = [side.window.start + step * i for i in range(_STRETCHES)]
    time = side.dataset.event_time
    stretches = (
        f"{time} >= {timestamp_literal(start)} AND {time} < {timestamp_literal(start + part)}" for start in starts
    )
    return side.rows.filter(" OR ".join(f"({stretch})" for stretch in stretches))


def column_counts(
    rows: "DuckDBPyRelation", side: LocalRows, columns: Sequence[str]
) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the number of rows, and each column's `missing`, `distinct`, `low`, `high`.

    Low and high leave NaN out, not infinities, and are of the column's own type: whole numbers and decimals keep every
    digit. Of floating-point columns distinct values are not counted. Columns that hold NaN or infinities have `nan`,
    `plus_infinity` and `minus_infinity` too.
    """
    plan = [(name, what, sql) for name in columns for what, sql in _aggregates(side, name).items()]
    [(total, *values)] = rows.aggregate(", ".join(["count(*)", *(sql for *_, sql in plan)])).fetchall()
    found: dict[str, dict[str, Any]] = {name: {} for name in columns}
    for (name, what, _), value in zip(plan, values, strict=True):
        found[name][what] = total - value if what == "missing" else value
    _count_infinities(rows, side, found)
    return int(total), found


def sampled_columns(
    rows: "DuckDBPyRelation", total: int, side: LocalRows, columns: Sequence[str]
) -> "dict[str, NDArray[Any]]":
    """About as many rows as a sample may have, evenly taken by position.

    Returns:
        One masked array a column, shape (rows,): doubles of the numeric columns, texts (cut at 60) of the others.
    """
    size = max(_FEWEST_ROWS, min(_SAMPLE_ROWS, _SAMPLE_CELLS // max(1, len(columns))))
    if not columns:
        return {}
    chosen = rows.project(", ".join(f"{quoted(column)} AS v{i}" for i, column in enumerate(columns)))
    if total > size:
        # A position is cheap and, unlike random(), the same in every run.
        placed = chosen.project("*, hash(row_number() OVER ()) AS place")
        chosen = placed.filter(f"place % {round(total / size)} = 0")
    values = (
        f"v{i}::DOUBLE" if side.dataset.kind(c) in NUMERIC else f"left(v{i}::VARCHAR, {_LONGEST})"
        for i, c in enumerate(columns)
    )
    arrays = chosen.project(", ".join(f"{value} AS v{i}" for i, value in enumerate(values))).fetchnumpy()
    return dict(zip(columns, arrays.values(), strict=True))


def _aggregates(side: LocalRows, column: str) -> dict[str, str]:
    name = quoted(column)
    match side.dataset.kind(column):
        case "integer" | "number":
            ends = {"low": f"min({name})", "high": f"max({name})"}
        case "timestamp" | "date":
            ends = {"low": f"min({name})::VARCHAR", "high": f"max({name})::VARCHAR"}
        case "other":
            return {"missing": f"count({name})"}
        case _:
            ends = {}
    counts = {"missing": f"count({name})"}
    if side.dataset.types[column] not in FLOATS:  # of measurements nobody asks, and it is half the cost
        counts["distinct"] = f"approx_count_distinct({name})"
    return counts | ends


def _count_infinities(rows: "DuckDBPyRelation", side: LocalRows, found: dict[str, dict[str, Any]]) -> None:
    """Look again, at the few columns whose ends show that they hold NaN (the largest of all) or infinities."""
    import math

    strange = [
        name
        for name, values in found.items()
        if any(isinstance(values.get(end), float) and not math.isfinite(values[end]) for end in ("low", "high"))
    ]
    if not strange:
        return
    plan = [(name, what, sql) for name in strange for what, sql in _special(side, name).items()]
    [values] = rows.aggregate(", ".join(sql for *_, sql in plan)).fetchall()
    for (name, what, _), value in zip(plan, values, strict=True):
        found[name][what] = value


def _special(side: LocalRows, column: str) -> dict[str, str]:
    name = quoted(column)
    return {
        "missing": f"count(*) FILTER ({side.dataset.missing(column)})",
        "nan": f"count(*) FILTER (isnan({name}))",
        "plus_infinity": f"count(*) FILTER ({name} = 'inf'::DOUBLE)",
        "minus_infinity": f"count(*) FILTER ({name} = '-inf'::DOUBLE)",
        "low": f"min({name}) FILTER (NOT isnan({name}))",
        "high": f"max({name}) FILTER (NOT isnan({name}))",
    }
