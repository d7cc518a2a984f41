"""Counts of the quality stage against pandas, on frames nobody would think of."""

import math
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.tables import LocalTable
from maestro_ml.tables.duckdb import connect
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.quality import quality_findings

WINDOW = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))
SECONDS = st.integers(-90_000, 180_000)  # from a day before the window to a day after
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 1.0, 2.5, -3.0, 1e300, math.inf, -math.inf, math.nan]) | st.none()
TEXTS = st.sampled_from(["", "a", "a", "b", "null", "ä", "'", '"']) | st.none()
ROWS = st.lists(st.tuples(SECONDS, NUMBERS, TEXTS), max_size=40)
ALLOWED = st.lists(st.sampled_from(["", "a", "b", "'"]), min_size=1, max_size=3, unique=True)
BOUND = st.sampled_from([-5.0, -3.0, 0.0, 1.0, 2.5])


@pytest.fixture(scope="module")
def connection():
    with connect() as connection:
        yield connection


@settings(max_examples=60, derandomize=True, deadline=None)
@given(rows=ROWS, low=BOUND, allowed=ALLOWED)
def test_counts_are_those_of_pandas(connection, rows, low, allowed):
    high = low + 3
    times = [WINDOW.start.timestamp() + seconds for seconds, _, _ in rows]
    table = pa.table(
        {
            "at": pa.array([int(t * 1_000_000) for t in times], pa.timestamp("us", tz="UTC")),
            "x": pa.array([x for _, x, _ in rows], pa.float64(), from_pandas=False),
            "s": pa.array([s for _, _, s in rows], pa.string()),
        }
    )
    spec = Dataset.model_validate(
        {
            "source": {"kind": "parquet", "path": "unused"},
            "timestamp": "at",
            "columns": {"at": {"type": "timestamp"}, "x": {"type": "number"}, "s": {"type": "string"}},
            "checks": [
                {"check": "rows", "min": 1},
                {"check": "missing", "column": "x"},
                {"check": "missing", "column": "s"},
                {"check": "range", "column": "x", "min": low, "max": high},
                {"check": "allowed", "column": "s", "values": allowed},
                {"check": "unique", "columns": ["s"]},
                {"check": "unique", "columns": ["at", "s"]},
                {"check": "duplicate_rows"},
            ],
        }
    )
    context = ValidationContext(
        LocalTable("events", spec, connection, connection.from_arrow(table)), WINDOW, WINDOW.end
    )
    found = {(f.check, f.column): f for f in quality_findings(context)}

    frame = pd.DataFrame({"at": times, "x": [x for _, x, _ in rows], "s": [s for _, _, s in rows]})
    inside = frame[(frame["at"] >= WINDOW.start.timestamp()) & (frame["at"] < WINDOW.end.timestamp())]
    x = inside["x"].astype(float)
    expected = {
        ("missing", "x"): x.isna().sum(),
        ("missing", "s"): inside["s"].isna().sum(),
        ("range", "x"): (~x.between(low, high) & x.notna()).sum(),
        ("allowed", "s"): (~inside["s"].isin(allowed) & inside["s"].notna()).sum(),
        ("unique", "s"): inside.duplicated(["s"]).sum(),
        ("unique", "at, s"): inside.duplicated(["at", "s"]).sum(),
        ("future", "at"): (frame["at"] > WINDOW.end.timestamp()).sum(),
    }
    # Null and NaN are the same to pandas; in a table they are two values.
    distinguishable = [
        (t, "nan" if isinstance(x, float) and math.isnan(x) else x, s) for t, (_, x, s) in zip(times, rows, strict=True)
    ]
    distinct = {row for row in distinguishable if WINDOW.start.timestamp() <= row[0] < WINDOW.end.timestamp()}
    expected["duplicate_rows", None] = len(inside) - len(distinct)

    assert found["rows", None].numbers["rows"] == len(inside)
    assert {key: found[key].numbers["count"] for key in expected} == expected
    for key, count in expected.items():
        assert found[key].violated is bool(count)
