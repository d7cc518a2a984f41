"""Each kind of bad input, through all four stages: a finding or one clear error, and everything else still judged."""

import pandas as pd
import pytest

from maestro_ml.tables import DataError

COLUMNS = {"at": {"type": "timestamp"}, "k": {"type": "integer"}, "x": {"type": "number"}}
DECLARED = {
    "columns": COLUMNS,
    "keys": ["k"],
    "checks": [{"check": "unique", "columns": ["k"]}, {"check": "range", "column": "x", "min": 0, "max": 100}],
    "freshness": {"max_age": "60d"},
    "reference": {"kind": "previous"},
    "drift": {},
    "anomalies": {},
}


@pytest.fixture
def good(events) -> pd.DataFrame:
    frames = [
        events(start=start, k=range(40), x=[float(i % 10) for i in range(40)]) for start in ("2023-12-10", "2024-01-01")
    ]
    return pd.concat(frames, ignore_index=True)


def violated(report) -> set[tuple[str, str]]:
    assert report.stages == ("schema", "quality", "drift", "anomalies")
    assert {f.stage for f in report.findings} == set(report.stages)
    return {(f.stage, f.check) for f in report.violated}


def test_good_input_has_nothing_to_report(judge, good):
    assert violated(judge(good, **DECLARED)) == set()


def test_an_empty_table(judge, good):
    found = violated(judge(good.head(0), **DECLARED))
    assert found == {
        ("quality", "rows"),
        ("quality", "freshness"),
        ("drift", "kolmogorov_smirnov"),
        ("anomalies", "isolation_forest"),
    }


def test_an_empty_table_without_types(judge, good):
    found = violated(judge(pd.DataFrame({name: [] for name in COLUMNS}, dtype=object), **DECLARED))
    assert ("quality", "rows") in found
    assert "schema" not in {stage for stage, _ in found}


def test_an_all_null_column(judge, good):
    found = violated(judge(good.assign(x=None), **DECLARED))
    assert found == {
        ("quality", "all_missing"),
        ("drift", "kolmogorov_smirnov"),
        ("anomalies", "isolation_forest"),
    }


def test_a_wrong_type(judge, good):
    found = violated(judge(good.assign(x="many"), **DECLARED))
    assert {("schema", "type"), ("quality", "range"), ("drift", "kolmogorov_smirnov")} <= found
    assert ("quality", "unique") not in found


def test_a_future_timestamp(judge, good, events):
    frame = pd.concat([good, events(start="2099-01-01", k=[99], x=[1.0])])
    assert violated(judge(frame, **DECLARED)) == {("quality", "future")}


def test_a_naive_timestamp(judge, good):
    assert violated(judge(good.assign(at=good["at"].dt.tz_localize(None)), **DECLARED)) == {("schema", "timezone")}


def test_a_key_twice(judge, good):
    assert violated(judge(good.assign(k=[*range(79), 78]), **DECLARED)) == {("quality", "unique")}


def test_a_missing_timestamp_column_stops_the_window_and_not_the_report(judge, good):
    report = judge(good.drop(columns="at"), **DECLARED)
    assert violated(report) == {
        ("schema", "required"),
        ("quality", "window"),
        ("drift", "window"),
        ("anomalies", "window"),
    }
    assert report.verdict == "fail"
    assert "no timestamp column 'at'; there are: k, x" in report.violated[-1].message
    assert {f.severity for f in report.violated if f.stage == "drift"} == {"warn"}


def test_without_an_event_time_no_kind_of_check_stops_the_report(judge, good):
    checks = [
        {"check": "allowed", "column": "k", "values": [1]},
        {"check": "monotonic", "column": "k"},
        {"check": "duplicate_rows"},
        {"check": "reconcile", "dataset": "events"},
        {"check": "references", "column": "k", "dataset": "events", "key": "k"},
    ]
    report = judge(good.drop(columns="at"), **DECLARED | {"checks": checks})
    assert ("quality", "window") in violated(report)


def test_a_timestamp_that_is_text(judge, good):
    report = judge(good.assign(at="yesterday"), **DECLARED)
    assert ("schema", "type") in violated(report)
    assert ("quality", "window") in violated(report)


def test_a_bad_cell_in_a_csv_file_is_a_finding(judge, good, tmp_path):
    good.to_csv(tmp_path / "events.csv", index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
    csv = {"source": {"kind": "csv", "path": "events.csv"}}
    assert violated(judge(None, **DECLARED | csv)) == set()
    text = (tmp_path / "events.csv").read_text().replace(",3.0", ",n/a", 1)
    (tmp_path / "events.csv").write_text(text)
    assert ("schema", "type") in violated(judge(None, **DECLARED | csv))


def test_bytes_that_are_not_utf8_are_one_clear_error(judge, tmp_path):
    (tmp_path / "events.csv").write_bytes("at,k,x\n2024-01-01T00:00:00Z,é,1\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"events\.csv cannot be read: it is not UTF-8 text"):
        judge(None, **DECLARED, source={"kind": "csv", "path": "events.csv"})


def test_a_missing_file_is_one_clear_error(judge):
    with pytest.raises(DataError, match=r"no parquet file at .*events\.parquet"):
        judge(None, **DECLARED)


def test_a_truncated_file_is_one_clear_error(judge, good, tmp_path):
    good.to_parquet(tmp_path / "events.parquet")
    content = (tmp_path / "events.parquet").read_bytes()
    (tmp_path / "events.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"events\.parquet cannot be read"):
        judge(None, **DECLARED)


def test_a_stage_that_cannot_read_its_rows_says_so_and_the_others_run(judge, good, monkeypatch):
    import duckdb

    from maestro_ml.validation import run

    def unreadable(_):
        raise duckdb.IOException("IO Error: the page of x is damaged")

    for stage in ("schema", "quality", "drift", "anomalies"):
        with monkeypatch.context() as patch:
            patch.setitem(run._STAGES, stage, unreadable)
            report = judge(good, **DECLARED)
        assert violated(report) == {(stage, "window")}
        assert [f.message for f in report.violated] == ["could not run: IO Error: the page of x is damaged"]
