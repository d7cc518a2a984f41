"""Reports of two engines on one table, compared; what may differ is in docs/engines.md, and left out here by name."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from maestro_ml.project.engines import ENGINES, Capability
from maestro_ml.validation import Finding, Report

START = datetime(2024, 1, 1, tzinfo=UTC)
ODD = 'select "from" `x`; -- \''
LARGEST, SMALLEST = 2**63 - 1, -(2**63)
NAMES = ["spark", "postgres", "mariadb"]
engines = pytest.mark.parametrize("engine", NAMES)
engines_with_timezones = pytest.mark.parametrize(
    "engine", [name for name in NAMES if Capability.TIMEZONES in ENGINES[name].can]
)


def at(*hours: float) -> pa.Array:
    return pa.array([START + timedelta(hours=hour) for hour in hours], pa.timestamp("us", tz="UTC"))


def facts(report: Report) -> dict[tuple, tuple]:
    """Return what each finding says, without the rows it shows and without the names of types."""
    return {(f.check, f.column, i): (f.violated, numbers(f)) for i, f in enumerate(report.findings)}


def numbers(finding: Finding) -> dict[str, object]:
    return {
        name: pytest.approx(value, rel=1e-12, nan_ok=True) if isinstance(value, float) else value
        for name, value in finding.numbers.items()
        if name != "found"
    }


def alike(reports: tuple[Report, Report]) -> None:
    duckdb, other = reports
    assert facts(other) == facts(duckdb)
    assert (other.rows, other.newest, other.verdict) == (duckdb.rows, duckdb.newest, duckdb.verdict)
    for a, b in zip(duckdb.findings, other.findings, strict=True):
        assert bool(a.sample) is bool(b.sample), a
        if a.sample and b.sample:
            assert (a.sample.columns, len(a.sample.rows)) == (b.sample.columns, len(b.sample.rows))


def violated(report: Report, check: str) -> bool:
    return any(f.violated for f in report.findings if f.check == check)


def awkward(rows: list[tuple], **more: pa.Array) -> pa.Table:
    """Return columns x, n, d, b, day and one with a hostile name."""
    x, n, d, b, text = zip(*rows, strict=True) if rows else [()] * 5
    columns = {
        "at": at(*range(len(rows))),
        "x": pa.array(x, pa.float64(), from_pandas=False),
        "n": pa.array(n, pa.int64()),
        "d": pa.array([None if v is None else Decimal(v) for v in d], pa.decimal128(10, 2)),
        "b": pa.array(b, pa.bool_()),
        ODD: pa.array(text, pa.string()),
        "day": pa.array([date(2024, 1, 1 + i % 3) for i in range(len(rows))], pa.date32()),
    }
    return pa.table(columns | more)


ROWS = [
    (1.5, 1, "1.50", True, "a"),
    (math.nan, LARGEST, "2.25", False, ""),
    (None, SMALLEST, None, None, None),
    (math.inf, 0, "99999999.99", True, "it's"),
    (-math.inf, -5, "-0.01", True, "\\"),
    (-0.0, 2, "1.50", True, "x' OR '1'='1"),
    (0.0, 2, "1.50", True, "x' OR '1'='1"),
    (math.nan, 2, "1.5", False, "äöü"),
    (1e300, None, "10.50", True, "a\nb"),
    (2.5, 2, "10.51", False, "%s :x {}"),
    (2.5, 2, "10.51", False, "𝄞é"),
    (1e-320, 2, "10.51", False, "\t"),
]
