"""Drift, anomalies and profiles where the rows are in another engine."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from maestro_ml.tables import QueryError
from maestro_ml.validation.drift.distances import remote

DECEMBER = datetime(2023, 12, 1, tzinfo=UTC)
REFERENCE = {"kind": "fixed", "start": "2023-12-01", "end": "2024-01-01"}

engines = pytest.mark.parametrize("engine", ["spark", "postgres", "mariadb"])


def two_months(rows: int = 3000, shift: float = 0.0) -> pa.Table:
    """Return `rows` in December and as many in January, where `shift` is added to the numbers."""
    random = np.random.default_rng(7)
    later = np.repeat([0, 1], rows)
    seconds = np.tile(np.arange(rows) * (31 * 86_400 // rows), 2) + later * 31 * 86_400
    tailed = random.standard_cauchy(2 * rows)
    tailed[:: rows // 5] = np.nan
    tailed[1 :: rows // 3] = np.inf
    counts = random.poisson(3, 2 * rows) + (later * (shift > 0)).astype(np.int64)
    return pa.table(
        {
            "at": pa.array([DECEMBER + timedelta(seconds=int(s)) for s in seconds], pa.timestamp("us", tz="UTC")),
            "normal": random.normal(size=2 * rows) + later * shift,
            "tailed": pa.array(tailed, from_pandas=False),
            "mostly zero": np.where(random.random(2 * rows) < 0.9, 0.0, random.exponential(size=2 * rows)),
            "tiny": random.normal(size=2 * rows) * 1e-310,
            "count": counts,
            "huge": 2**62 + counts,
            "constant": np.ones(2 * rows),
            "nothing": pa.array([None] * 2 * rows, pa.float64()),
            "kind": random.choice(["a", "b", "c"], 2 * rows, p=[0.6, 0.399, 0.001]),
            "flag": random.random(2 * rows) < 0.5,
        }
    )


def refuse(*_: object) -> None:
    raise QueryError("value out of range: underflow")


def drift(report) -> dict:
    return {f.column: (f.violated, f.numbers) for f in report.findings if f.stage == "drift"}


@pytest.mark.parametrize(
    ("engine", "how"),
    [(e, how) for e in ("spark", "postgres", "mariadb") for how in ("here", "in buckets")]
    + [(e, "sorted there") for e in ("spark", "postgres", "mariadb")],
)
def test_drift_is_the_same_to_the_last_bit(on_engines, engine, how, monkeypatch):
    if how != "here":
        monkeypatch.setattr(remote, "FEW_ROWS", 0)
    if how == "sorted there":  # as where PostgreSQL refuses to multiply
        monkeypatch.setattr(remote, "bucket_counts", refuse)
        monkeypatch.setattr(remote, "MOST_VALUES", 10)  # no list of values is cut on this way
    duckdb, other = on_engines(
        engine,
        two_months(shift=0.2),
        "drift",
        reference=REFERENCE,
        drift={"tests": {"categorical": "chi_square"}, "correction": "holm"},
    )
    here, there = drift(duckdb), drift(other)
    statistics = [
        {c: numbers.get("statistic") for c, (_, numbers) in side.items() if c not in ("kind", "flag")}
        for side in (here, there)
    ]
    assert statistics[0] == statistics[1]
    assert {c: v for c, (v, _) in here.items()} == {c: v for c, (v, _) in there.items()}
    for column, (_, numbers) in here.items():
        assert there[column][1] == {
            n: pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for n, v in numbers.items()
        }
    assert there["normal"][0] is True
    assert there["tailed"][0] is False


@engines
def test_too_many_open_values_leave_an_interval(on_engines, engine, monkeypatch):
    monkeypatch.setattr(remote, "FEW_ROWS", 0)
    monkeypatch.setattr(remote, "MOST_VALUES", 0)
    duckdb, other = on_engines(
        engine, two_months(), "drift", reference=REFERENCE, drift={"columns": ["normal", "tailed"]}
    )
    exact, found = drift(duckdb)["tailed"][1]["statistic"], drift(other)["tailed"][1]
    assert found["statistic"] <= exact <= found["statistic"] + found["uncertain"]
    assert 0 < found["uncertain"] < 0.01


@engines
def test_small_windows_are_judged_from_every_row(on_engines, engine):
    """The same rows in another order grow another forest: the rates differ by less than a sample's would."""
    duckdb, other = on_engines(
        engine,
        two_months(shift=2.5),
        "quality",
        "drift",
        "anomalies",
        reference=REFERENCE,
        anomalies={"columns": ["normal", "count"]},
        drift={"columns": ["normal"], "classifier": {}},
    )
    here, there = ({f.check: f for f in r.findings if f.stage in ("drift", "anomalies")} for r in (duckdb, other))
    assert there["isolation_forest"].violated is here["isolation_forest"].violated is True
    assert there["isolation_forest"].numbers["rate"] == pytest.approx(
        here["isolation_forest"].numbers["rate"], abs=0.05
    )
    assert there["isolation_forest"].numbers["rows_scored"] == 3000
    assert there["isolation_forest"].sample.columns == here["isolation_forest"].sample.columns
    assert there["domain_classifier"].numbers["statistic"] == pytest.approx(
        here["domain_classifier"].numbers["statistic"], abs=0.03
    )
    for a, b in zip(duckdb.profiles, other.profiles, strict=True):
        assert (a.column, a.kind, a.current.missing, a.current.low) == (
            b.column,
            b.kind,
            b.current.missing,
            b.current.low,
        )
        assert (a.current.counts, a.edges) == (b.current.counts, b.edges)


@engines
def test_of_large_windows_a_sample_comes_here_and_its_interval_is_reported(on_engines, engine, monkeypatch):
    monkeypatch.setattr("maestro_ml.validation.rows.EXTRACT_ROWS", 1000)
    settings = {"columns": ["normal", "count"], "sample": 1000, "window_sample": 1000}
    # Far away or in the middle: any forest, whatever rows it learned from, finds the same 900 rows of January.
    far = np.arange(3000) % 10 < 3
    december = two_months()
    planted = december.slice(3000).select(["at"])
    months = pa.concat_tables(
        [
            december.slice(0, 3000).select(["at", "normal", "count"]),
            planted.append_column("normal", [np.where(far, 50.0, 0.0)]).append_column("count", [np.where(far, 60, 3)]),
        ]
    )
    duckdb, first = on_engines(engine, months, "anomalies", reference=REFERENCE, anomalies=settings)
    _, second = on_engines(engine, months, "anomalies", reference=REFERENCE, anomalies=settings)
    [found] = first.findings
    assert (found.numbers["rows_scored"], found.numbers["rows"]) == (1000, 3000)
    for numbers in (duckdb.findings[0].numbers, found.numbers):
        assert numbers["rate_low"] < 0.3 < numbers["rate_high"]
    assert found.numbers == second.findings[0].numbers  # the same rows in every run
    assert first.profiles[1].current.rows == 1000
