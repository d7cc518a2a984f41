"""A webhook on loopback and a project that notifies people through it; a project whose steps run in pods."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml

from maestro_ml.project import load_project


@pytest.fixture
def webhook():
    """Its port, and the JSON bodies that arrived with their paths."""
    received = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, received
    server.shutdown()
    server.server_close()


@pytest.fixture
def inbox(mini, tmp_path, webhook):
    """The folder of a project whose `alerting.notify` is the webhook, and what arrives there."""
    port, received = webhook
    notify = f"alerting: {{notify: 'json://user:hush@127.0.0.1:{port}/'}}\n"
    (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text() + notify)
    return tmp_path, received


@pytest.fixture
def project_with(mini, tmp_path):
    """project_with(execution, pods of the model `first`) -> the project."""

    def write(execution, pods=None):
        document = yaml.safe_load((mini / "maestro.yaml").read_text())
        document["execution"] = execution
        if pods is not None:
            document["models"]["first"]["pods"] = pods
        (tmp_path / "maestro.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        return load_project(tmp_path)

    return write
