"""What a task tells OpenLineage: only what its own try did, and no password."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import small_projects

from maestro_ml.airflow.lineage import StepLineage
from maestro_ml.airflow.lineage_datasets import assertions_of, dataset_of_source, dataset_of_uri
from maestro_ml.airflow.pods import MaestroPodOperator
from maestro_ml.project import MaestroError, load_project
from maestro_ml.steps import StepFolder, StepRecord, StepResult, run_step

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


CHECK = {"check": "range", "column": "x", "min": 0}
SHOP = small_projects.project("shop", {"orders": small_projects.table("orders", {"x": "number"}, checks=[CHECK])})


def test_a_step_that_is_tried_again_reports_once_what_it_read(tmp_path):
    (tmp_path / "maestro.yaml").write_text(SHOP)
    end = datetime(2024, 1, 11, tzinfo=UTC)
    folder = StepFolder.of_run(str(tmp_path / "runs"), "dag", "run", "validate", "orders")
    task = Task()
    task.project_path, task.target = str(tmp_path), "orders"

    def attempt(before=lambda: None):
        """Return what the two events of a try say, which run_step ends with a result or an error."""
        instance = SimpleNamespace(dag_id="dag", run_id="run", start_date=datetime.now(UTC))
        before()
        try:
            record = run_step("validate", load_project(tmp_path), folder, end=end)
        except MaestroError:
            return task.get_openlineage_facets_on_failure(instance).inputs
        ended = task.get_openlineage_facets_on_complete if record.result.outcome == "passed" else (
            task.get_openlineage_facets_on_failure)  # fmt: skip
        return ended(instance).inputs

    def rows(*values):
        at = [end - timedelta(days=1)] * len(values)
        pd.DataFrame({"at": at, "x": [float(value) for value in values]}).to_parquet(tmp_path / "orders.parquet")

    assert attempt() == [], "the file is not there yet"
    [dataset] = attempt(lambda: rows(1, -2))
    found = {each.assertion: each for each in dataset.inputFacets["dataQualityAssertions"].assertions}
    assert found["range"].success is False
    assert found["range"].actual.startswith("count=1, rows=2")
    assert attempt((tmp_path / "orders.parquet").unlink) == [], "the findings are those of the try before"
    [dataset] = attempt(lambda: rows(1, 2))
    assert all(each.success for each in dataset.inputFacets["dataQualityAssertions"].assertions)


def left(tmp_path, step, target="", **fields):
    folder = StepFolder.of_run(str(tmp_path / "runs"), "dag", "run", step, target)
    record = {
        "step": step, "target": target, "window_start": FINISHED, "window_end": FINISHED, "uri": folder.uri,
        "finished_at": FINISHED, "seconds": 1, "peak_mb": 1, "version": "0",
    }  # fmt: skip
    document = {**record, "result": {"outcome": "passed", "summary": "", **fields}}
    folder.write("result.json", json.dumps(document, default=str).encode())


def test_the_pipeline_of_features_reports_its_views(tmp_path):
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    for step in ("materialize", "verify_online"):
        left(tmp_path, step, views=[{"view": "hourly", "source": "s3://lake/hourly.parquet"}, {"view": "daily"}])
    left(tmp_path, "check_features", store={})
    instance = SimpleNamespace(dag_id="dag", run_id="run", start_date=FINISHED)

    def reported(step):
        task = Task()
        task.project_path, task.step, task.target = str(tmp_path), step, ""
        lineage = task.get_openlineage_facets_on_complete(instance)
        return [[f"{each.namespace}/{each.name}" for each in side] for side in (lineage.inputs, lineage.outputs)]

    views = ["feast://shop/hourly", "feast://shop/daily"]
    assert reported("materialize") == [["s3://lake/hourly.parquet"], views]
    assert reported("verify_online") == [views, []]
    assert reported("check_features") == [[], []]


def test_a_success_by_a_pod_of_an_earlier_try_reports_what_the_pod_left(tmp_path):
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    left(tmp_path, "materialize", views=[{"view": "hourly"}])
    task = MaestroPodOperator(task_id="materialize", step="materialize", project_path=str(tmp_path))
    later = SimpleNamespace(dag_id="dag", run_id="run", start_date=FINISHED + timedelta(hours=1))
    [view] = task.get_openlineage_facets_on_complete(later).outputs
    assert view.name == "hourly"
    assert task.get_openlineage_facets_on_failure(later).outputs == []


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
