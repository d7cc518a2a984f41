"""Runs of a real Airflow: each that has finished is counted once, and one that is late is reported."""

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from receiving import notifying, receiving

from maestro_ml.demo.api import Api
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.processes import Components
from maestro_ml.observability.metrics import COUNTERS

pytestmark = pytest.mark.scheduler

LATE, FAILING, WORKING = "data_validation_pipeline", "model_training_pipeline", "maestro_canary"
# The project has no data: training fails at once, and a validation waits for another try until it is late.
PROJECT = "until: 2014-01-01\nvalidation: {deadline: 10s}\ntraining: {retries: 0}\n"
STATSD = """[metrics]
statsd_on = True
statsd_host = 127.0.0.1
statsd_port = {port}
statsd_influxdb_enabled = True
"""


@dataclass
class RealAirflow:
    api: Api
    check: Callable[[], None]
    exporter: socket.socket
    messages: list[tuple[str, dict]]


@pytest.fixture(scope="module")
def airflow(mini: Path, migrated_airflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAirflow]:
    """Provide an Airflow whose metrics and messages arrive here."""
    airflow = DemoAirflow.at(tmp_path_factory.mktemp("real") / "home")
    shutil.copy(migrated_airflow, airflow.home / "airflow")
    airflow.project.mkdir()
    with receiving() as (port, messages), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
        text = (mini / "maestro.yaml").read_text() + notifying(port) + PROJECT
        (airflow.project / "maestro.yaml").write_text(text)
        exporter.bind(("127.0.0.1", 0))
        exporter.settimeout(1)
        (airflow.home / "airflow" / "airflow.cfg").write_text(STATSD.format(port=exporter.getsockname()[1]))
        components = Components(airflow)
        with components.running():
            api = Api(airflow)
            api.wait_until_ready({LATE, FAILING, WORKING}, components.check, timeout=900)
            yield RealAirflow(api, components.check, exporter, messages)


def test_each_finished_run_is_counted_once_by_its_dag_and_kind(airflow):
    for dag, run in ((FAILING, "no-data"), (WORKING, "first"), (WORKING, "second")):
        airflow.api.start_run(dag, run, datetime(2013, 12, len(run), tzinfo=UTC))
    counted = listen(airflow, {FAILING, WORKING}, 3)
    assert sorted(counted) == [
        ("failed", f"dag_id={FAILING},run_type=manual", "1|c"),
        ("success", f"dag_id={WORKING},run_type=manual", "1|c"),
        ("success", f"dag_id={WORKING},run_type=manual", "1|c"),
    ]
    assert {f"dag_run.{state}" for state, *_ in counted} == {counter.name for counter in COUNTERS}


def listen(airflow, dags, expected):
    """Return lines about finished runs: wait until there are as many as expected, and then for some seconds more."""
    counted, end = [], time.monotonic() + 900
    while time.monotonic() < end:
        airflow.check()
        try:
            lines = airflow.exporter.recv(65536).decode().splitlines()
        except TimeoutError:
            continue
        found = [re.fullmatch(r"airflow\.dag_run\.(\w+),(dag_id=(\w+),.*):(.*)", line) for line in lines]
        if new := [match.group(1, 2, 4) for match in found if match and match[3] in dags]:
            counted += new
            if len(counted) == expected:
                end = time.monotonic() + 5
    return counted


def test_a_run_past_its_deadline_is_reported_once_and_can_be_cleared(airflow):
    airflow.api.start_run(LATE, "late", datetime(2013, 12, 1, tzinfo=UTC))
    end = time.monotonic() + 300
    while not (found := [m for _, m in airflow.messages if "Deadline" in m["title"]]) and time.monotonic() < end:
        airflow.check()
        time.sleep(1)
    (message,) = found
    assert message["title"] == f"Deadline missed: {LATE}"
    assert "The run late was not done" in message["message"]
    airflow.api.start_run(LATE, "late", datetime(2013, 12, 1, tzinfo=UTC))
    assert airflow.api.run(LATE, "late")["state"] in ("queued", "running")
