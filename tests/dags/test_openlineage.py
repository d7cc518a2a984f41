"""Lineage events of the training pipeline, received by a collector from Airflow's own provider."""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import small_projects

CHECK = {"check": "range", "column": "x", "min": -1, "max": 1, "severity": "warn"}
PROJECT = small_projects.project(
    "shop",
    {"orders": small_projects.table("orders", {"x": "number", "late": "integer"}, window="30d", checks=[CHECK])},
    {"late": small_projects.model("orders", "late", "x", {"name": "shop_late", "promotion": "automatic"})},
    training={"schedule": None, "retries": 0},
)


@pytest.fixture
def project(shop) -> Path:
    """Provide a model that passes, on rows of which some are outside of a range."""
    return shop(PROJECT)


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
