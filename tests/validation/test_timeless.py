"""Tables without an event time: all rows are looked at, whenever."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from maestro_ml.cli.app import run
from maestro_ml.tables import open_dataset

COLUMNS = {"id": {"type": "integer", "nullable": False}, "mass": {"type": "number"}, "sex": {"type": "string"}}
CHECKS = [
    {"check": "unique", "columns": ["id"]},
    {"check": "range", "column": "mass", "min": 0},
    {"check": "allowed", "column": "sex", "values": ["f", "m"]},
]
SNAPSHOT = {"kind": "snapshot", "path": "then.parquet"}


def penguins(rows: int = 500, shift: float = 0.0) -> pd.DataFrame:
    numbers = np.random.default_rng(rows)
    mass = numbers.normal(4000 + shift, 300, rows)
    return pd.DataFrame({"id": range(rows), "mass": mass, "sex": np.where(mass > 4000, "m", "f")})


@pytest.fixture
def validated(tmp_path: Path, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, dict]]:
    """Provide `validated(**dataset)`: the exit code of `maestro validate penguins`, and report.json (none: what was
    refused).
    """

    def call(*arguments: str, **dataset: object) -> tuple[int, dict]:
        given = {"source": {"kind": "parquet", "path": "now.parquet"}, "columns": COLUMNS, "checks": CHECKS}
        text = yaml.safe_dump({"name": "island", "datasets": {"penguins": given | dataset}})
        (tmp_path / "maestro.yaml").write_text(text)
        capsys.readouterr()
        code = run(["validate", "penguins", "--project", str(tmp_path), "--json", *arguments])
        document = json.loads(capsys.readouterr().out)
        if "steps" not in document:
            return code, document
        return code, json.loads(Path(document["steps"][0]["result"]["artifacts"]["findings"]).read_text())

    return call


def of(report: dict, check: str, column: str | None = None) -> dict:
    [found] = [f for f in report["findings"] if f["check"] == check and column in (None, f["column"])]
    return found


class TestTheWholeTableIsTheWindow:
    def test_schema_and_quality_look_at_every_row(self, tmp_path, validated):
        penguins().to_parquet(tmp_path / "now.parquet")
        code, report = validated()
        assert (code, report["verdict"], report["rows"]) == (0, "pass", 500)
        assert report["whole_table"] is True
        assert report["newest"] is None
        assert {profile["column"] for profile in report["profiles"]} == set(COLUMNS)
        assert not {"future", "untimed", "freshness"} & {f["check"] for f in report["findings"]}

    def test_a_violation_anywhere_is_found_and_shown(self, tmp_path, validated):
        frame = penguins()
        frame.loc[17, ["mass", "sex"]] = [-1, "x"]
        frame.loc[18, "id"] = 17
        frame.to_parquet(tmp_path / "now.parquet")
        code, report = validated()
        assert code == 1
        assert {f["check"] for f in report["findings"] if f["outcome"] == "violated"} == {"unique", "range", "allowed"}
        assert of(report, "range")["sample"]["rows"] == [["17", "-1.0", "x"]]

    def test_when_the_run_is_does_not_matter(self, tmp_path, validated):
        penguins().to_parquet(tmp_path / "now.parquet")
        assert validated("--at", "1990-01-01")[1]["rows"] == validated("--at", "2200-01-01")[1]["rows"] == 500

    def test_csv_and_a_database_are_read_whole_too(self, tmp_path, validated):
        penguins().to_csv(tmp_path / "now.csv", index=False)
        with closing(sqlite3.connect(tmp_path / "now.db")) as connection:
            penguins().to_sql("penguins", connection, index=False)
        for source in (
            {"kind": "csv", "path": "now.csv"},
            {"kind": "sql", "url": "sqlite:///now.db", "table": "penguins"},
        ):
            assert validated(source=source)[1]["rows"] == 500

    def test_the_page_says_so(self, tmp_path, validated):
        for name in ("now", "then"):
            penguins().to_parquet(tmp_path / f"{name}.parquet")
        validated(reference=SNAPSHOT)
        [page] = tmp_path.rglob("report.html")
        assert "The whole table; reference then.parquet" in page.read_text()

    def test_suggest_learns_from_every_row(self, tmp_path, validated, capsys):
        penguins().to_parquet(tmp_path / "now.parquet")
        validated(checks=[])
        assert run(["suggest", "penguins", "--project", str(tmp_path)]) == 0
        text = capsys.readouterr().out
        assert "check: unique" in text
        assert "freshness" not in text

    def test_rows_of_the_table_are_there_without_a_window(self, tmp_path, dataset_project):
        penguins().to_parquet(tmp_path / "now.parquet")
        project = dataset_project(source={"kind": "parquet", "path": "now.parquet"}, columns=COLUMNS)
        with open_dataset(project, "events") as table:
            assert len(table.rows(None)) == 500


class TestSnapshots:
    def test_drift_and_anomalies_compare_with_all_rows_of_another_file(self, tmp_path, validated):
        penguins(shift=900).to_parquet(tmp_path / "now.parquet")
        penguins(400).to_parquet(tmp_path / "then.parquet")
        code, report = validated(reference=SNAPSHOT, drift={"columns": ["mass"], "severity": "error"}, anomalies={})
        assert code == 1
        assert of(report, "kolmogorov_smirnov")["outcome"] == "violated"
        assert of(report, "kolmogorov_smirnov")["numbers"]["reference_values"] == 400
        assert of(report, "isolation_forest")["outcome"] == "violated"
        assert of(report, "isolation_forest")["sample"]["columns"][:3] == ["id", "mass", "sex"]
        assert report["snapshot"] == "then.parquet"

    def test_an_unchanged_table_is_like_its_snapshot(self, tmp_path, validated):
        for name in ("now", "then"):
            penguins().to_parquet(tmp_path / f"{name}.parquet")
        code, report = validated(reference=SNAPSHOT, drift={"columns": ["mass"], "severity": "error"}, anomalies={})
        assert (code, of(report, "kolmogorov_smirnov")["numbers"]["statistic"]) == (0, 0.0)

    def test_another_table_of_the_database_is_a_snapshot(self, tmp_path, validated):
        with closing(sqlite3.connect(tmp_path / "now.db")) as connection:
            penguins(shift=900).to_sql("penguins", connection, index=False)
            penguins(400).to_sql("before", connection, index=False)
        source = {"kind": "sql", "url": "sqlite:///now.db", "table": "penguins"}
        _, report = validated(
            source=source, reference={"kind": "snapshot", "table": "before"}, drift={"columns": ["mass"]}
        )
        assert of(report, "kolmogorov_smirnov")["outcome"] == "violated"

    def test_a_table_with_a_time_has_one_too(self, events, judge, pick, tmp_path):
        events(x=np.zeros(50)).to_parquet(tmp_path / "then.parquet")
        report = judge(events(x=np.ones(48)), reference=SNAPSHOT, drift={"columns": ["x"]})
        assert pick(report, "kolmogorov_smirnov").violated
        assert report.reference is None

    def test_a_column_that_the_snapshot_lacks_is_named(self, tmp_path, validated):
        penguins().to_parquet(tmp_path / "now.parquet")
        penguins().drop(columns="mass").to_parquet(tmp_path / "then.parquet")
        _, report = validated(reference=SNAPSHOT, drift={"columns": ["mass"]})
        assert (
            "cannot be compared with all of penguins (then.parquet): the column is missing there"
            in of(report, "kolmogorov_smirnov")["message"]
        )
        assert len(report["profiles"]) == 3

    def test_a_snapshot_that_is_not_there_ends_the_run(self, tmp_path, validated):
        penguins().to_parquet(tmp_path / "now.parquet")
        code, document = validated(reference=SNAPSHOT, drift={"columns": ["mass"]})
        assert code == 2
        assert "then.parquet" in document["error"]


class TestWhatNeedsATimeIsRefused:
    @pytest.mark.parametrize(
        ("dataset", "key", "part"),
        [
            ({"freshness": {"max_age": "1d"}}, "freshness", "freshness is the age of the newest row"),
            ({"window": "7d"}, "window", "a window is a range of time"),
            ({"reference": {"kind": "previous"}}, "reference.kind", "a previous reference is a range of time"),
            ({"reference": {"kind": "season", "period": "7d"}}, "reference.kind", "a season reference"),
            (
                {"reference": {"kind": "fixed", "start": "2024-01-01", "end": "2024-02-01"}},
                "reference.kind",
                "give {kind: snapshot, path: ...}",
            ),
            ({"checks": [{"check": "row_count_history"}]}, "checks.0.check", "the check row_count_history compares"),
            (
                {"checks": [{"check": "null_rate_history", "column": "mass"}]},
                "checks.0.check",
                "the check null_rate_history compares",
            ),
            ({"checks": [{"check": "monotonic", "column": "id"}]}, "checks.0.check", "the check monotonic goes by"),
            ({"drift": {"columns": ["mass"]}}, "drift", "such as {kind: snapshot, path: ...}"),
            ({"reference": {"kind": "snapshot"}}, "reference", "a snapshot has a path (files), or a table"),
            ({"reference": {"kind": "snapshot", "table": "x"}}, "reference.table", "a snapshot of it has a path"),
        ],
    )
    def test_by_name_when_the_project_is_loaded(self, tmp_path, validated, dataset, key, part):
        penguins().to_parquet(tmp_path / "now.parquet")
        code, document = validated(**dataset)
        assert code == 2
        assert f"datasets.penguins.{key}: " in document["error"]
        assert part in document["error"]

    def test_start_selects_no_rows(self, tmp_path, validated):
        penguins().to_parquet(tmp_path / "now.parquet")
        code, document = validated("--start", "2024-01-01")
        assert (code, "without --start" in document["error"]) == (2, True)
