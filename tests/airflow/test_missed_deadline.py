"""A run that is late, in a real Airflow: the triggerer tells the project's people."""

import time
from datetime import UTC, datetime

import pytest

from maestro_ml.demo.api import Api
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.processes import Components

pytestmark = pytest.mark.scheduler

DAG = "data_validation_pipeline"


def test_a_run_past_its_deadline_is_reported_once_and_can_be_cleared(inbox, tmp_path):
    folder, received = inbox
    airflow = DemoAirflow.at(tmp_path / "home")
    airflow.project.mkdir()
    # The project has no data: its tasks fail and wait for another try, so the run is late.
    text = (folder / "maestro.yaml").read_text() + "until: 2014-01-01\nvalidation: {deadline: 10s}\n"
    (airflow.project / "maestro.yaml").write_text(text)
    components = Components(airflow)
    with components.running():
        api = Api(airflow)
        api.wait_until_ready({DAG}, components.check)
        api.start_run(DAG, "late", datetime(2013, 12, 1, tzinfo=UTC))
        end = time.monotonic() + 90
        while not (explanation := [m for _, m in received if "Deadline" in m["title"]]) and time.monotonic() < end:
            components.check()
            time.sleep(1)
        (message,) = explanation
        assert message["title"] == f"Deadline missed: {DAG}"
        assert "The run late was not done" in message["message"]
        api.start_run(DAG, "late", datetime(2013, 12, 1, tzinfo=UTC))
        assert api.run(DAG, "late")["state"] in ("queued", "running")
