from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

PREVIOUS = {"reference": {"kind": "previous"}, "anomalies": {}}
RANDOM = np.random.default_rng(3)
USUAL = RANDOM.normal(size=(600, 2))


@pytest.fixture
def anomalies(judge):
    return lambda frame, **dataset: judge(frame, "anomalies", **PREVIOUS | dataset)


@pytest.fixture
def months(events):
    """Provide December's 400 usual rows, and January's as given, shape (rows, 2)."""

    def build(january: np.ndarray, december: np.ndarray = USUAL[:400]) -> pd.DataFrame:
        parts = ((december, "2023-12-02"), (january, "2024-01-01"))
        return pd.concat([events(start=start, x=rows[:, 0], y=rows[:, 1]) for rows, start in parts])

    return build


def with_outliers(count: int) -> np.ndarray:
    """Return 200 rows, `count` of them far outside the reference and the others in its very middle."""
    rows = np.zeros((200, 2))
    rows[:count] = 50.0
    return rows


def test_usual_rows_pass(anomalies, months, pick):
    found = pick(anomalies(months(USUAL[400:])), "isolation_forest")
    assert not found.violated
    assert found.numbers["rate"] < 0.1
    assert (found.numbers["rows"], found.numbers["reference_rows"]) == (200, 400)


@pytest.mark.parametrize(("outliers", "violated"), [(19, False), (20, False), (21, True)])
def test_only_a_rate_above_the_limit_is_violated(anomalies, months, pick, outliers, violated):
    report = anomalies(months(with_outliers(outliers)))
    found = pick(report, "isolation_forest")
    assert (found.numbers["anomalous"], found.violated) == (outliers, violated)
    assert report.verdict == ("warn" if violated else "pass")
    assert report.anomaly_rate == outliers / 200


def test_twice_the_same_data_twice_the_same_numbers(anomalies, months):
    frame = months(RANDOM.normal(1.5, 1.5, size=(200, 2)))
    sampled = {"anomalies": {"sample": 256, "seed": 5}}
    first, second = (anomalies(frame, **sampled).findings for _ in range(2))
    assert first == second
    assert first[0].numbers["reference_sample"] == 256
    assert 0 < first[0].numbers["rate"] < 1


def test_missing_values_count_as_the_references_median(anomalies, months, pick):
    january = with_outliers(10)
    january[10:] = np.nan
    assert pick(anomalies(months(january)), "isolation_forest").numbers["anomalous"] == 10


def test_infinity_is_far_away_and_no_crash(anomalies, months, pick):
    january = with_outliers(0)
    january[:4] = [[np.inf, 0], [-np.inf, 0], [1e300, 0], [0, np.inf]]
    assert pick(anomalies(months(january)), "isolation_forest").numbers["anomalous"] == 4


@pytest.mark.parametrize(
    ("december", "january", "explanation"), [(0, 5, "the reference is empty"), (5, 0, "the window is empty")]
)
def test_an_empty_side_is_a_finding(anomalies, months, pick, december, january, explanation):
    found = pick(anomalies(months(USUAL[:january], USUAL[:december])), "isolation_forest")
    assert found.violated
    assert explanation in found.message


def test_a_column_the_reference_knows_nothing_about_is_left_out_and_named(anomalies, months, pick):
    frame = months(with_outliers(0)).assign(z=1.0)
    frame.loc[frame["at"] < "2024-01-01", "z"] = None
    report = anomalies(frame)
    assert "so it was left out" in pick(report, "isolation_forest", "z").message
    assert report.anomaly_rate == 0


def test_without_a_numeric_column_there_is_nothing_to_judge_by(anomalies, events, pick):
    frame = pd.concat([events(start="2023-12-02", t=["a"]), events(t=["b"])])
    found = pick(anomalies(frame), "isolation_forest")
    assert found.message == "cannot be judged: no numeric column"


def test_more_rows_than_one_batch_are_all_judged(anomalies, months, pick, monkeypatch):
    frame = months(with_outliers(30))
    whole = pick(anomalies(frame), "isolation_forest")
    monkeypatch.setattr("maestro_ml.validation.numeric_rows.ROWS_AT_ONCE", 64)
    assert pick(anomalies(frame), "isolation_forest") == whole


def test_the_most_anomalous_rows_are_shown_with_the_columns_that_make_them_so(anomalies, months, pick):
    january = with_outliers(0)
    january[[7, 9]] = [[40.0, 0.0], [0.0, np.inf]]
    sample = pick(anomalies(months(january)), "isolation_forest").sample
    assert sample.columns == ("at", "anomaly score", "because of")
    scores = [float(row[1]) for row in sample.rows]
    assert scores == sorted(scores, reverse=True)
    because = {row[0][:16]: row[2] for row in sample.rows}
    assert because.keys() == {"2024-01-01 07:00", "2024-01-01 09:00"}
    assert because["2024-01-01 07:00"].startswith("x = 40 (usually ")
    assert because["2024-01-01 09:00"].startswith("y = 3.40282e+38 (usually ")


def test_no_more_than_ten_rows_are_shown(anomalies, months, pick):
    assert len(pick(anomalies(months(with_outliers(60))), "isolation_forest").sample.rows) == 10


def test_values_of_marked_columns_are_hidden(anomalies, months, pick):
    january = with_outliers(3)
    frame = months(january).assign(who="somebody")
    columns = {
        "at": {"type": "timestamp"},
        "who": {"type": "string", "pii": True},
        "x": {"type": "number", "pii": True},
        "y": {"type": "number"},
    }
    sample = pick(anomalies(frame, columns=columns, keys=["who"]), "isolation_forest").sample
    assert [row[0] for row in sample.rows] == ["•••"] * 3
    assert all("x = •••" in row[3] and "y = 50 (usually " in row[3] for row in sample.rows)


def test_no_rows_are_shown_where_none_is_anomalous(anomalies, months, pick):
    assert pick(anomalies(months(with_outliers(0))), "isolation_forest").sample is None


@pytest.mark.parametrize(("january", "unseen"), [(1.0, 0), (2.0, 1)])
def test_one_row_against_a_constant_reference(anomalies, events, january, unseen):
    frame = pd.concat([events(start="2023-12-02", x=[1.0] * 300), events(x=[january])])
    [found, *others] = anomalies(frame).findings
    assert (found.numbers["rate"], found.violated) == (0, False)
    assert [(f.column, f.violated) for f in others] == [("x", True)] * unseen
    assert all("the reference is constant" in f.message for f in others)


def test_a_column_the_window_has_no_value_of_is_no_pass(anomalies, months, pick):
    frame = months(with_outliers(0)).assign(z=np.tile([1.0, 2.0, 3.0], 200))
    frame.loc[frame["at"] >= "2024-01-01", "z"] = None
    found = pick(anomalies(frame), "isolation_forest", "z")
    assert found.violated
    assert "no value in the 200 rows looked at" in found.message


def test_a_reference_of_a_few_rows_has_no_share_to_call_anomalous(anomalies, months, pick):
    found = pick(anomalies(months(USUAL[400:], USUAL[:19])), "isolation_forest")
    assert found.violated
    assert "the reference has 19 rows" in found.message
    assert not pick(anomalies(months(USUAL[400:], USUAL[:20]), anomalies={"max_rate": 1}), "isolation_forest").violated


def test_64_bit_extremes_and_decimals_are_numbers(anomalies, events, pick):
    december = {"n": [2**63 - 1, -(2**63)] * 150, "d": [Decimal("1.5"), Decimal("-7.25")] * 150}
    frame = pd.concat([events(start="2023-12-02", **december), events(n=[2**63 - 1], d=[Decimal("1.5")])])
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}, "d": {"type": "number"}}
    assert pick(anomalies(frame, columns=columns), "isolation_forest").numbers["rate"] == 0
