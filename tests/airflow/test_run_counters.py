"""Finished runs of a real Airflow, as the lines it sends to StatsD."""

import re
import socket
import time
from datetime import UTC, datetime

import pytest

from maestro_ml.demo.api import Api
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.processes import Components
from maestro_ml.observability.metrics import COUNTERS

pytestmark = pytest.mark.scheduler

FAILING, WORKING = "data_validation_pipeline", "maestro_canary"
STATSD = """[metrics]
statsd_on = True
statsd_host = 127.0.0.1
statsd_port = {port}
statsd_influxdb_enabled = True
"""


def test_each_finished_run_is_counted_once_by_its_dag_and_kind(mini, tmp_path):
    airflow = DemoAirflow.at(tmp_path / "home")
    airflow.project.mkdir()
    # The project has no data, and one try.
    text = (mini / "maestro.yaml").read_text() + "until: 2014-01-01\nvalidation: {retries: 0}\n"
    (airflow.project / "maestro.yaml").write_text(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
        exporter.bind(("127.0.0.1", 0))
        exporter.settimeout(1)
        (airflow.home / "airflow" / "airflow.cfg").write_text(STATSD.format(port=exporter.getsockname()[1]))
        components = Components(airflow)
        with components.running():
            api = Api(airflow)
            api.wait_until_ready({FAILING, WORKING}, components.check)
            for dag, run in ((FAILING, "no-data"), (WORKING, "first"), (WORKING, "second")):
                api.start_run(dag, run, datetime(2013, 12, len(run), tzinfo=UTC))
            counted = listen(exporter, 3, components.check)
    assert sorted(counted) == [
        ("failed", f"dag_id={FAILING},run_type=manual", "1|c"),
        ("success", f"dag_id={WORKING},run_type=manual", "1|c"),
        ("success", f"dag_id={WORKING},run_type=manual", "1|c"),
    ]
    assert {f"dag_run.{state}" for state, *_ in counted} == {counter.name for counter in COUNTERS}


def listen(exporter, expected, check):
    """Lines about finished runs, until there are as many as expected and then for some seconds more."""
    counted, end = [], time.monotonic() + 120
    while time.monotonic() < end:
        check()
        try:
            lines = exporter.recv(65536).decode().splitlines()
        except TimeoutError:
            continue
        found = [re.fullmatch(r"airflow\.dag_run\.(\w+),(.*):(.*)", line) for line in lines]
        if new := [match.groups() for match in found if match]:
            counted += new
            if len(counted) == expected:
                end = time.monotonic() + 5
    return counted
