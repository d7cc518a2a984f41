"""What is looked at is known by its exact value, never by how it is shown."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from maestro_ml.project import Window
from maestro_ml.sql.aggregates import ROWS, Aggregate
from maestro_ml.sql.identifiers import view_name
from maestro_ml.tables import LocalTable
from maestro_ml.tables.open import open_on_engine
from maestro_ml.validation import validate_dataset
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.sides import Scan
from maestro_ml.validation.survey import Survey

END = datetime(2024, 1, 1, 12, 0, 40, tzinfo=UTC)


@pytest.mark.parametrize("length", [timedelta(seconds=20), timedelta(milliseconds=250)])
@pytest.mark.parametrize("method", ["chi_square", "psi"])
def test_drift_between_two_windows_of_one_minute_is_seen(judge, length, method):
    times = pd.date_range(END - 2 * length, periods=400, freq=length / 200)
    frame = pd.DataFrame({"at": times, "gear": ["low"] * 150 + ["high"] * 50 + ["low"] * 50 + ["high"] * 150})
    drift = {"tests": {"categorical": method}}
    report = judge(frame, "drift", window=Window.ending(END, length), reference={"kind": "previous"}, drift=drift)
    [found] = [f for f in report.findings if f.column == "gear"]
    assert found.violated, found.message


def test_datasets_whose_names_differ_only_in_case_are_two(tmp_path, dataset_project):
    moment = pd.to_datetime(["2024-01-01 12:00:30"], utc=True)
    for name, shop in {"here": 1, "there": 2}.items():
        pd.DataFrame({"at": moment, "shop": [shop]}).to_parquet(tmp_path / f"{name}.parquet")
    common = {"timestamp": "at", "columns": {"at": {"type": "timestamp"}, "shop": {"type": "integer"}}}
    project = dataset_project(
        others={"Events": {"source": {"kind": "parquet", "path": "there.parquet"}, **common}},
        source={"kind": "parquet", "path": "here.parquet"},
        checks=[
            {"check": "reconcile", "dataset": "Events", "aggregate": "sum", "column": "shop"},
            {"check": "references", "column": "shop", "dataset": "Events", "key": "shop"},
        ],
        **common,
    )
    report = validate_dataset(project, "events", Window.ending(END, timedelta(minutes=1)), ["quality"])
    assert {f.check for f in report.findings if f.violated} == {"reconcile", "references"}


def test_names_of_views_differ_within_the_63_bytes_that_postgresql_keeps():
    long = "x" * 63
    names = [view_name(name, *what) for name in (long, long.upper()) for what in ((), ("a",), ("a", "b"))]
    kept = {name.encode()[:63].lower() for name in names}
    assert len(kept) == len(names)


def test_what_footers_hold_is_read_from_no_row_whichever_check_asks(judge, monkeypatch):
    queries: list[str] = []
    scan, surveyed = LocalTable.scan, Survey._shared
    monkeypatch.setattr(LocalTable, "scan", lambda table, sql: queries.append(sql) or scan(table, sql))

    def _shared(survey: Survey, scanned: Scan) -> list[Aggregate]:
        shared = surveyed(survey, scanned)
        queries.extend(str(each) for each in shared)
        return shared

    monkeypatch.setattr(Survey, "_shared", _shared)
    frame = pd.DataFrame({"at": pd.date_range("2024-01-01", periods=9, freq="h", tz="UTC"), "n": range(9)})
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer", "nullable": False}}
    checks = [
        {"check": "missing", "column": "n"},
        {"check": "range", "column": "n", "min": 0, "max": 8},
        {"check": "rows", "min": 9, "max": 9},
        {"check": "row_count_history"},
    ]
    report = judge(frame, "schema", "quality", columns=columns, checks=checks)
    assert report.verdict == "pass"
    assert queries == []
    judge(frame, "quality", columns=columns, checks=[{"check": "range", "column": "n", "where": "n > 1", "max": 9}])
    assert queries


def test_aggregates_that_measure_the_same_are_measured_once(tmp_path, dataset_project, monkeypatch):
    times = pd.to_datetime(["2024-01-01 12:00:00", "2024-01-01 12:00:30"], utc=True)
    pd.DataFrame({"at": times, "n": [1, 2]}).to_csv(tmp_path / "events.csv", index=False)
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    source = {"kind": "csv", "path": "events.csv"}
    with open_on_engine(dataset_project(source=source, timestamp="at", columns=columns), "events") as dataset:
        current = ValidationContext(dataset, Window.ending(END, timedelta(minutes=1)), END).current
        assert current.values([Aggregate("largest", "n"), ROWS, Aggregate("rows", condition="n > 1")]) == [2, 2, 1]
        monkeypatch.setattr(LocalTable, "scan", lambda table, sql: pytest.fail(sql))
        assert current.values([Aggregate("rows"), Aggregate("largest", "n")]) == [2, 2]
        assert current.count == 2
