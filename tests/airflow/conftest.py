"""A webhook on loopback and a project that notifies people through it; a project whose steps run in pods."""

import pytest
import yaml
from receiving import notifying, receiving, receiving_metrics

from maestro_ml.project import load_project


@pytest.fixture
def webhook():
    """Listen on loopback: the port, and the JSON bodies that arrived with their paths."""
    with receiving() as webhook:
        yield webhook


@pytest.fixture
def metrics():
    """Receive the metrics that are sent through Airflow's Stats."""
    with receiving_metrics() as metrics:
        yield metrics


@pytest.fixture
def inbox(mini, tmp_path, webhook):
    """Make a project whose `alerting.notify` is the webhook: its folder, and what arrives there."""
    port, received = webhook
    (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text() + notifying(port))
    return tmp_path, received


@pytest.fixture
def project_with(mini, tmp_path):
    """Give a function that makes a project of its execution and the pods of its model `first`."""

    def write(execution, pods=None):
        document = yaml.safe_load((mini / "maestro.yaml").read_text())
        document["execution"] = execution
        if pods is not None:
            document["models"]["first"]["pods"] = pods
        (tmp_path / "maestro.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        return load_project(tmp_path)

    return write
