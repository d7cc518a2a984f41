"""Contracts that name columns by a pattern, some of them, or none."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import open_dataset

AT = {"at": {"type": "timestamp"}}
DAY = datetime(2024, 1, 5, tzinfo=UTC)
ROWS = [{"at": "2024-01-05 06:00:00", "gene_a": i, "gene_b": i / 2, "name": f"n{i}"} for i in range(4)]


def _write(kind: str, folder: Path) -> dict:
    if kind == "sql":
        connection = sqlite3.connect(folder / "events.db")
        connection.execute("CREATE TABLE events (at TIMESTAMP, gene_a INTEGER, gene_b REAL, name TEXT)")
        connection.executemany("INSERT INTO events VALUES (:at, :gene_a, :gene_b, :name)", ROWS)
        connection.commit()
        connection.close()
        return {"kind": "sql", "url": f"sqlite:///{folder}/events.db", "table": "events"}
    file = folder / f"events.{kind}"
    frame = pd.DataFrame(ROWS).assign(at=pd.Timestamp("2024-01-05 06:00:00"))
    match kind:
        case "parquet":
            frame.to_parquet(file)
        case "csv":
            frame.to_csv(file, index=False)
        case "json":
            file.write_text("\n".join(map(json.dumps, ROWS)))
        case "excel":
            file = folder / "events.xlsx"
            frame.to_excel(file, index=False)
    return {"kind": kind, "path": str(file)}


KINDS = ("parquet", "csv", "json", "excel", "sql")


@pytest.mark.parametrize("kind", KINDS)
def test_a_pattern_types_and_checks_the_columns_it_covers(judge, tmp_path, kind):
    columns = {**AT, "gene_*": {"type": "number"}, "gene_a": {"type": "integer"}, "n*": {"type": "string"}}
    checks = [{"check": "range", "column": "gene_b", "max": 1}]
    report = judge(source=_write(kind, tmp_path), columns=columns, checks=checks, timezone="UTC")
    found = {f.column: f for f in report.findings if f.check == "type"}
    assert set(found) == {"at", "gene_a", "gene_b", "name"}
    assert not any(f.violated for f in found.values())
    assert found["gene_a"].message.startswith("integer")
    assert found["gene_b"].message.startswith("number")
    assert next(f for f in report.findings if f.check == "range").numbers["count"] == 1
    assert not next(f for f in report.findings if f.check == "extra").violated


@pytest.mark.parametrize("kind", KINDS)
def test_without_columns_the_tables_own_are_taken(judge, tmp_path, kind):
    checks = [{"check": "missing", "column": "name"}]
    report = judge(source=_write(kind, tmp_path), checks=checks, timezone="UTC")
    assert report.verdict == "pass", [f for f in report.findings if f.violated]
    assert {f.column for f in report.findings if f.check == "type"} == {"at", "gene_a", "gene_b", "name"}
    assert report.rows == 4
    assert {p.column for p in report.profiles} == {"at", "gene_a", "gene_b", "name"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_partial_contract_leaves_other_columns_to_checks_and_drift(judge, tmp_path, kind):
    numbers = {"gene_a": {"type": "integer"}} if kind in ("csv", "json") else {}
    report = judge(
        source=_write(kind, tmp_path),
        columns={**AT, **numbers},
        extra_columns="allow",
        timezone="UTC",
        checks=[{"check": "allowed", "column": "name", "values": ["n0", "n1"]}],
        reference={"kind": "fixed", "start": "2024-01-05", "end": "2024-01-06"},
        drift={"columns": ["gene_a"]},
    )
    assert next(f for f in report.findings if f.check == "allowed").numbers["count"] == 2
    assert next(f for f in report.findings if f.stage == "drift").column == "gene_a"
    assert not [f for f in report.findings if f.check == "extra" and f.violated]


def test_the_longest_pattern_counts_and_a_name_before_any(judge, events, pick):
    frame = events(gene_a1=[1], gene_b1=["x"], gene_a2=[True])
    columns = {
        **AT,
        "gene_*": {"type": "string"},
        "gene_a?": {"type": "boolean"},
        "gene_a1": {"type": "integer"},
        "*": {"type": "date"},
    }
    report = judge(frame, "schema", columns=columns)
    assert {f.column for f in report.findings if f.check == "type" and not f.violated} >= {
        "gene_a1",
        "gene_b1",
        "gene_a2",
    }
    assert pick(report, "required", "*").message.startswith("no column matches the pattern")


@pytest.mark.parametrize(("required", "violated"), [(True, True), (False, False)])
def test_a_pattern_that_covers_no_column_is_a_finding(judge, events, pick, required, violated):
    columns = {**AT, "n": {"type": "integer"}, "gene_*": {"type": "number", "required": required}}
    found = pick(judge(events(n=[1]), "schema", columns=columns), "required", "gene_*")
    assert found.violated is violated
    assert "no column matches the pattern" in found.message


def test_a_column_whose_name_looks_like_a_pattern_is_only_itself(judge, events, pick):
    columns = {**AT, "mass [kg]": {"type": "integer"}}
    report = judge(events(**{"mass [kg]": [1], "mass k": [2]}), "schema", columns=columns)
    assert not pick(report, "type", "mass [kg]").violated
    assert pick(report, "extra").message == "not in the contract: mass k"


def test_a_pattern_does_not_excuse_what_it_does_not_cover(judge, events, pick):
    report = judge(events(gene_a=[1], other=[2]), "schema", columns={**AT, "gene_*": {"type": "integer"}})
    assert pick(report, "extra").message == "not in the contract: other"
    assert report.verdict == "warn"


def test_a_pattern_that_is_pii_hides_the_values_of_every_column_it_covers(judge, events):
    frame = events(ssn_old=["a secret", "b"], ssn_new=["another secret", "c"], SSN_X=["third secret", "d"])
    columns = {**AT, "ssn_*": {"type": "integer", "pii": True}}
    report = judge(frame, columns=columns)
    assert "secret" not in report.model_dump_json()


def test_without_columns_a_column_of_another_kind_is_left_alone(judge, tmp_path):
    at = pa.array([DAY], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"at": at, "tags": [["a"]], "n": [1]}), tmp_path / "events.parquet")
    report = judge()
    assert report.verdict == "pass"
    assert {f.column for f in report.findings if f.check == "type"} == {"at", "n"}


def test_without_columns_drift_and_anomalies_look_at_every_number_but_keys(judge, events):
    frame = events(id=range(60), x=range(60), y=[n % 7 for n in range(60)], text=["a"] * 60)
    report = judge(
        frame,
        columns={},
        keys=["id"],
        reference={"kind": "fixed", "start": "2024-01-01", "end": "2024-01-02"},
        drift={},
    )
    assert {f.column for f in report.findings if f.stage == "drift" and f.column} == {"x", "y"}


def test_a_check_of_a_column_that_is_not_there_is_a_finding(judge, events, pick):
    checks = [{"check": "missing", "column": "gone"}]
    report = judge(events(n=[1]), columns={}, checks=checks)
    found = pick(report, "missing", "gone")
    assert found.violated
    assert "the column is missing" in found.message


def test_statistics_of_files_serve_only_columns_that_were_looked_at(dataset_project, events, tmp_path):
    events(n=[1, 2]).to_parquet(tmp_path / "events.parquet")
    given = {
        "source": {"kind": "parquet", "path": "events.parquet"},
        "timestamp": "at",
        "columns": {"*": {"type": "integer"}, **AT},
    }
    with open_dataset(dataset_project(**given), "events") as table:
        window = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
        assert set(table.row_groups.statistics(window)) >= {"n"}
        assert list(table.spec.columns) == ["n", "at"]


def test_a_pattern_does_not_cover_the_event_time(judge, tmp_path):
    source = {**_write("csv", tmp_path), "columns": {}}
    report = judge(
        source=source, columns={"*": {"type": "number", "required": False}, "name": {"type": "string"}}, timezone="UTC"
    )
    assert report.rows == 4
    assert not [f for f in report.findings if f.violated]


@pytest.mark.timeout(120)  # work that grows with the square of the columns takes longer
def test_a_wide_table_under_one_pattern_is_judged(judge, tmp_path):
    at = pa.array([DAY, DAY], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"at": at, **{f"gene_{n}": [n, n + 1] for n in range(2000)}}), tmp_path / "events.parquet")
    report = judge(None, "schema", columns={**AT, "gene_*": {"type": "integer"}})
    assert len([f for f in report.findings if f.check == "type"]) == 2001
