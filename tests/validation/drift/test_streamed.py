import numpy as np
import pandas as pd
import pytest

from maestro_ml.drift_methods.ecdf import buckets
from maestro_ml.tables.parquet import columns
from maestro_ml.validation import stored_sides
from maestro_ml.validation.drift import compare, reading
from maestro_ml.validation.drift.distances import streaming

RANDOM = np.random.default_rng(11)


def column(kind: str, rows: int) -> object:
    values = {
        "normal": RANDOM.normal(size=rows),
        "trend": np.arange(rows) + RANDOM.normal(size=rows),
        "tail": RANDOM.standard_cauchy(rows),
        "rounded": np.round(RANDOM.normal(size=rows), 1),
        "constant": np.full(rows, 7.0),
        "infinite": RANDOM.choice([np.inf, -np.inf, 0.0, 1.0], rows),
    }
    if kind == "integers":
        return RANDOM.integers(-(2**63), 2**63 - 1, rows)
    return pd.array(np.where(RANDOM.random(rows) < 0.1, None, values[kind]), dtype="Float64")


KINDS = ("normal", "trend", "tail", "rounded", "constant", "infinite", "integers")


@pytest.fixture
def months(events):
    parts = (("2023-12-01", 743), ("2024-01-01", 700))
    return pd.concat([events(start=start, **{kind: column(kind, rows) for kind in KINDS}) for start, rows in parts])


@pytest.fixture
def in_small_pieces(monkeypatch):
    for limit in ("ROWS_IN_MEMORY", "STORED_IN_MEMORY"):
        monkeypatch.setattr(compare, limit, 0)
    for module in (reading, columns, stored_sides):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 64)
    monkeypatch.setattr(streaming, "VALUES_AT_ONCE", 30)
    monkeypatch.setattr(buckets, "BUCKETS", 32)


SPEC = {"reference": {"kind": "previous"}, "drift": {}}


def test_streamed_and_in_memory_find_the_same(judge, months, request):
    whole = judge(months, "drift", **SPEC).findings
    request.getfixturevalue("in_small_pieces")
    assert judge(months, "drift", **SPEC).findings == whole
    assert [f.column for f in whole] == list(KINDS)
    assert len({f.numbers["statistic"] for f in whole}) == len(KINDS)


def test_an_empty_side_is_a_finding_there_too(judge, months, in_small_pieces):
    months.loc[months["at"] >= "2024-01-01", "tail"] = None
    explanation = {f.column: f.message for f in judge(months, "drift", **SPEC).findings}
    assert explanation["tail"].startswith("cannot be compared: no value in the window")
    assert "cannot" not in explanation["normal"]
    january = months[months["at"] >= "2024-01-01"]
    assert all("no value in the reference" in f.message for f in judge(january, "drift", **SPEC).findings)
