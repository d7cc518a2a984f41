"""What a task tells OpenLineage: only what its own try did, and no password."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from maestro_ml.airflow.lineage import StepLineage
from maestro_ml.airflow.lineage_datasets import assertions_of, dataset_of_source, dataset_of_uri
from maestro_ml.project import load_project
from maestro_ml.steps import StepFolder, StepRecord, StepResult

FINISHED = datetime(2024, 1, 1, tzinfo=UTC)
PROJECT = """\
name: shop
datasets:
  orders: {source: {kind: sql, url: "postgresql://ada:hush@db:5433/shop", schema: sales, table: orders}, timestamp: at}
  files: {source: {kind: parquet, path: "s3://bucket/folder/files.parquet"}, timestamp: at}
"""


class Task(StepLineage):
    step, target = "validate", "files"


def test_a_result_of_an_earlier_try_is_not_reported_again(tmp_path):
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    folder = StepFolder.of_run(str(tmp_path / "runs"), "dag", "run", "validate", "files")
    result = StepResult(outcome="passed", summary="")
    folder.write_model(
        "result.json",
        StepRecord[StepResult](
            step="validate", target="files", window_start=FINISHED, window_end=FINISHED, uri=folder.uri,
            finished_at=FINISHED, seconds=1, peak_mb=1, version="0", result=result,
        ),
    )  # fmt: skip
    task = Task()
    task.project_path = str(tmp_path)

    def reported(started):
        return task.get_openlineage_facets_on_failure(SimpleNamespace(dag_id="dag", run_id="run", start_date=started))

    assert reported(FINISHED + timedelta(seconds=1)).inputs == []
    [dataset] = reported(FINISHED - timedelta(seconds=1)).inputs
    assert (dataset.namespace, dataset.name) == ("s3://bucket", "folder/files.parquet")


def test_a_table_is_named_without_user_and_password(tmp_path):
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    dataset = dataset_of_source(load_project(tmp_path), "orders")
    assert (dataset.namespace, dataset.name) == ("postgresql://db:5433", "shop.sales.orders")
    assert dataset_of_uri("/data/a.parquet").namespace == "file"


def test_findings_become_assertions_with_what_was_expected_and_measured():
    def finding(check, outcome, numbers):
        return {
            "stage": "quality", "check": check, "column": "x", "outcome": outcome, "severity": "error",
            "message": "in words", "numbers": numbers,
        }  # fmt: skip

    findings = [
        finding("rows", "ok", {"rows": 12, "min": 10, "max": None}),
        finding("future", "violated", {"count": 3, "rows": 12}),
        finding("row_count_history", "ok", {"low": 1, "high": 9, "median": 5, "runs": 8, "rows": 4}),
        finding("type", "ok", {}),
    ]
    facet = assertions_of(json.dumps({"findings": findings}).encode())["dataQualityAssertions"]
    assert [(each.success, each.expected, each.actual) for each in facet.assertions] == [
        (True, "min=10", "rows=12"),
        (False, "count=0", "count=3, rows=12"),
        (True, "low=1, high=9, median=5", "runs=8, rows=4"),
        (True, "as declared", "in words"),
    ]
    assert assertions_of(None) == {}
