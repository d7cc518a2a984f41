"""A message shows the digits that decide: no finding says that a number is beyond a limit it is shown equal to."""

import math
import re
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from maestro_ml.validation.history.runs import History, RunMetrics

PREVIOUS = {"kind": "previous"}


@pytest.fixture
def said(judge, pick, events):
    """Provide the message of a declared check on some columns."""

    def message(declared: dict, **columns: object) -> str:
        report = judge(events(**columns), "quality", checks=[declared])
        return [f for f in report.findings if f.check == declared["check"]][-1].message

    return message


@pytest.fixture
def other(tmp_path, events):
    """Provide settings of another dataset with these values of x."""

    def build(values: list) -> dict:
        events(x=values).to_parquet(tmp_path / "other.parquet", index=False)
        declared = {
            "source": {"kind": "parquet", "path": "other.parquet"},
            "timestamp": "at",
            "columns": {"at": {"type": "timestamp"}, "x": {"type": "number"}},
        }
        return {"others": {"other": declared}}

    return build


@pytest.mark.parametrize(
    ("here", "there", "tolerance", "message"),
    [
        (1.6787512, 1.6787513, 0, "mean of x is 1.6787512, in other 1.6787513"),
        (2.0, 1.0, 0, "mean of x is 2, in other 1"),
        (1.0100001, 1.0, 0.01, "mean of x is 1.01, in other 1; 1.00001 % apart, at most 1 % apart"),
        (1.001, 1.0, 0.01, "mean of x is 1.001, in other 1; 0.1 % apart, at most 1 % apart"),
    ],
)
def test_reconcile(judge, pick, events, other, here, there, tolerance, message):
    declared = {"check": "reconcile", "dataset": "other", "aggregate": "mean", "column": "x", "tolerance": tolerance}
    report = judge(events(x=[here]), "quality", checks=[declared], **other([there]))
    assert pick(report, "reconcile").message == message


def test_range(said):
    beyond = math.nextafter(5.0, 6)
    message = said({"check": "range", "column": "x", "max": 5}, x=[1.0, beyond])
    assert message == f"1 of 2 (50.00 %) outside any to 5 (smallest 1, largest {beyond!r})"
    assert "largest 5)" in said({"check": "range", "column": "x", "min": 2, "max": 5}, x=[1.0, 5.0])


def test_a_share_of_rows(said):
    message = said({"check": "missing", "column": "x", "max_share": 0.1}, x=[None] * 70 + [1.0] * 629)
    assert message == "70 of 699 (10.01 %) missing; at most 10 % of the rows"
    message = said({"check": "missing", "column": "x", "max_share": 0.10014}, x=[None] * 70 + [1.0] * 629)
    assert message == "70 of 699 (10.0143 %) missing; at most 10.014 % of the rows"


def test_freshness(judge, pick):
    frame = pd.DataFrame({"at": [pd.Timestamp("2024-01-30T23:59:59.5", tz="UTC")]})
    found = pick(judge(frame, "quality", freshness={"max_age": "1d"}), "freshness")
    assert found.violated
    assert found.message == "the newest row is 1d 0.5s older than the window's end; at most 1d"


def test_drift_statistics(judge, pick, events):
    reference = np.arange(2_00.0)
    frame = pd.concat([events("2023-12-10", x=reference), events(x=reference + 20)])
    found = pick(judge(frame, "drift", reference=PREVIOUS, drift={}), "kolmogorov_smirnov")
    p, statistic = found.numbers["p_value"], found.numbers["statistic"]
    for limit, violated in ((math.nextafter(p, 1), True), (math.nextafter(p, 0), False)):
        found = pick(judge(frame, "drift", reference=PREVIOUS, drift={"p_value": limit}), "kolmogorov_smirnov")
        shown, bound = re.search(r"p = (\S+) \(limit ([^;)]+)", found.message).groups()
        assert (found.violated, float(bound)) == (violated, limit)
        assert (float(shown) < limit) == violated
    above = math.nextafter(statistic, 1)
    drift = {"p_value": 0.9, "min_effect": above}
    found = pick(judge(frame, "drift", reference=PREVIOUS, drift=drift), "kolmogorov_smirnov")
    assert f"D = 0.1000, p = 0.27 (limit 0.9), the smallest effect that counts is {above!r}" in found.message
    assert not found.violated


@pytest.mark.parametrize(("method", "limit"), [("psi", "max_psi"), ("wasserstein", "max_wasserstein")])
def test_drift_sizes(judge, pick, events, method, limit):
    reference = np.arange(200.0)
    frame = pd.concat([events("2023-12-10", x=reference), events(x=reference + 20)])
    drift = {"tests": {"numeric": method}}
    size = pick(judge(frame, "drift", reference=PREVIOUS, drift=drift), method).numbers["statistic"]
    below = math.nextafter(size, 0)
    found = pick(judge(frame, "drift", reference=PREVIOUS, drift=drift | {limit: below}), method)
    assert found.violated
    assert float(re.search(r"= ([\d.]+) ", found.message)[1]) > below
    assert f"(at most {below!r})" in found.message


def test_history(judge, pick, events):
    runs = tuple(
        RunMetrics(
            run=str(day),
            start=end - timedelta(days=31),
            end=end,
            created=end,
            verdict="pass",
            values={"missing_share": {"x": 0.25}, "rows": {"": 3.0}},
        )
        for day in range(8)
        for end in [pd.Timestamp("2023-12-01", tz="UTC").to_pydatetime() + timedelta(days=day)]
    )
    check = {"check": "null_rate_history", "column": "x", "min_change": 0}
    frame = events(x=[None] * 250_001 + [1.0] * 749_999)
    frame["at"] = pd.Timestamp("2024-01-02", tz="UTC")
    found = pick(judge(frame, "quality", checks=[check], history=History(runs)), "null_rate_history")
    assert found.violated
    assert found.message.startswith("250,001 of 1,000,000 (25.0001 %) missing; the last 8 runs say 25 % to 25 %")


def test_anomaly_rate(judge, pick, events):
    usual = np.random.default_rng(3).normal(size=400)
    window = np.concatenate([np.full(21, 50.0), np.zeros(179)])
    frame = pd.concat([events("2023-12-02", x=usual), events(x=window)])
    limit = 0.104999999
    found = pick(judge(frame, "anomalies", reference=PREVIOUS, anomalies={"max_rate": limit}), "isolation_forest")
    assert found.violated
    assert found.message == "21 of 200 (10.50 %) rows are anomalous; at most 10.4999999 %"
