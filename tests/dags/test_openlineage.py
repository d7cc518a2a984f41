"""Lineage events of the pipelines, received by a collector from Airflow's own provider."""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
import small_projects
from local_feature_store import feature_store_yaml

CHECK = {"check": "range", "column": "x", "min": -1, "max": 1, "severity": "warn"}
PROJECT = small_projects.project(
    "shop",
    {"orders": small_projects.table("orders", {"x": "number", "late": "integer"}, window="30d", checks=[CHECK])},
    {"late": small_projects.model("orders", "late", "x", {"name": "shop_late", "promotion": "automatic"})},
    training={"schedule": None, "retries": 0},
)

FEATURES = """\
name: shop
datasets:
  orders:
    source: {kind: shaky.Orders, path: orders.parquet}
    timestamp: at
    window: 10d
    columns: {at: {type: timestamp}, x: {type: number}, late: {type: integer}, never: {type: integer}}
    checks: [{check: range, column: x, min: -1, max: 1, severity: warn}]
  strict:
    source: {kind: parquet, path: orders.parquet}
    timestamp: at
    window: 10d
    columns: {at: {type: timestamp}, x: {type: number}, late: {type: integer}, never: {type: integer}}
    checks: [{check: range, column: x, min: -1, max: 1}]
validation: {schedule: null, retries: 1}
features: {schedule: null, window: 7d, availability: {sample: 5}}
"""
# A source that cannot be reached at the first try.
SHAKY = """\
from typing import Literal
import pyarrow.parquet as pq
from maestro_ml.project.table_source import TableSource, Wanted

class Orders(TableSource):
    kind: Literal["orders"]
    path: str

    def open(self, wanted: Wanted):
        tried = wanted.root / "tried"
        if not tried.exists():
            tried.touch()
            raise ConnectionError("connection reset by peer")
        return pq.read_table(wanted.root / self.path)
"""
VIEW = """\
from datetime import timedelta
from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Float64

shop = Entity(name="shop", join_keys=["shop"], value_type=ValueType.INT64)
source = FileSource(name="hourly", path="../hourly.parquet", timestamp_field="at")
hourly = FeatureView(
    name="hourly", entities=[shop], ttl=timedelta(days=30), schema=[Field(name="x", dtype=Float64)], source=source
)
"""


@pytest.fixture
def project(request, shop) -> Path:
    """Provide a model that passes, on rows of which some are outside of a range; or what a test asks for."""
    return shop(getattr(request, "param", PROJECT))


@pytest.fixture
def events(monkeypatch):
    """Provide the events that arrive at a collector, to which Airflow's HTTP transport is pointed."""
    received = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(json.loads(content))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    transport = {"type": "http", "url": f"http://127.0.0.1:{server.server_port}", "compression": None}
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__NAMESPACE", "shop")
    yield received
    server.shutdown()
    server.server_close()


def names(datasets):
    return [(each["namespace"], Path(each["name"]).name) for each in datasets]


def test_every_step_says_once_what_it_read_and_wrote(project, run, events):
    seen = run("model_training_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["state"] == "success"
    of_tasks = [event for event in events if "parent" in event["run"].get("facets", {})]
    done = {event["job"]["name"].rpartition(".")[2]: event for event in of_tasks if event["eventType"] == "COMPLETE"}
    read = {step: names(event["inputs"]) for step, event in done.items()}
    written = {step: names(event["outputs"]) for step, event in done.items()}
    assert read["validate_training"] == [("file", "orders.parquet")]
    assert read["build_features"] == [("file", "orders.parquet")]
    assert written["build_features"] == read["train"] == [("file", "training_set.parquet")]
    assert written["train"] == [("file", "model.skops")]
    assert read["evaluate"] == [("file", "training_set.parquet"), ("file", "model.skops")]
    assert written["evaluate"] == [("file", "decision_record.json")]
    assert written["register"] == read["promote"] == [("mlflow://shop", "shop_late")]
    assert done["register"]["outputs"][0]["facets"]["version"]["datasetVersion"] == "1"
    [dataset] = done["validate_training"]["inputs"]
    assertions = dataset["inputFacets"]["dataQualityAssertions"]["assertions"]
    [outside] = [each for each in assertions if each["assertion"] == "range"]
    assert (outside["success"], outside["column"], outside["severity"]) == (False, "x", "warn")
    assert "min=-1" in outside["expected"]
    assert outside["actual"].startswith("count=")
    assert all(each["expected"] and each["actual"] for each in assertions)
    runs = {event["run"]["facets"]["parent"]["run"]["runId"] for event in of_tasks}
    assert len(runs) == 1, "the run of the DAG"
    kinds = Counter((event["run"]["runId"], event["eventType"]) for event in events)
    assert set(kinds.values()) == {1}


def of_steps(events):
    """Sort the events of tasks by the name of the step."""
    found = {}
    for event in events:
        if "parent" in event["run"].get("facets", {}):
            found.setdefault(event["job"]["name"].rpartition(".")[2], []).append(event)
    return found


def assertions_of(dataset):
    return dataset["inputFacets"]["dataQualityAssertions"]["assertions"]


@pytest.mark.parametrize("project", [FEATURES], indirect=True)
def test_validations_and_features_say_so_too_once_for_each_try(project, run, events):
    (project / "shaky.py").write_text(SHAKY)
    repo = project / "feature_repo"
    repo.mkdir()
    (repo / "feature_store.yaml").write_text(feature_store_yaml("shop"))
    (repo / "views.py").write_text(VIEW)
    pd.read_parquet(project / "orders.parquet").assign(shop=range(240)).to_parquet(project / "hourly.parquet")
    assert run("data_validation_pipeline", "2024-01-11T00:00:00+00:00")["state"] == "failed"
    tries = of_steps(events)["validate"]
    started = [event for event in tries if event["eventType"] == "START"]
    assert len(started) == 3, "two datasets, one of which is tried twice"
    [passed] = [event for event in tries if event["eventType"] == "COMPLETE"]
    [orders] = passed["inputs"]
    assert (orders["namespace"], orders["name"]) == ("maestro://shop", "orders")
    [outside] = [each for each in assertions_of(orders) if each["assertion"] == "range"]
    assert (outside["success"], outside["severity"], outside["column"]) == (False, "warn", "x")
    ends = [event["inputs"] for event in tries if event["eventType"] == "FAIL"]
    [[strict]] = [inputs for inputs in ends if inputs]
    assert names([strict]) == [("file", "orders.parquet")]
    assert [each["success"] for each in assertions_of(strict) if each["assertion"] == "range"] == [False]
    assert len(ends) == 2, "the try that found nothing to read has nothing to say"
    assert all(each["expected"] and each["actual"] for each in [*assertions_of(orders), *assertions_of(strict)])

    seen = run("feast_feature_materialization", "2024-01-11T00:00:00+00:00")
    assert seen["state"] == "success"
    done = {step: tries[-1] for step, tries in of_steps(events).items() if tries[-1]["eventType"] == "COMPLETE"}
    assert names(done["check_features"]["inputs"]) == names(done["check_features"]["outputs"]) == []
    assert names(done["materialize"]["inputs"]) == [("file", "hourly.parquet")]
    assert names(done["materialize"]["outputs"]) == [("feast://shop", "hourly")]
    assert names(done["verify_online"]["inputs"]) == [("feast://shop", "hourly")]
    runs = {event["run"]["facets"]["parent"]["run"]["runId"] for each in of_steps(events).values() for event in each}
    assert len(runs) == 2, "one of each pipeline"
    kinds = Counter((event["run"]["runId"], event["eventType"]) for event in events)
    assert set(kinds.values()) == {1}
