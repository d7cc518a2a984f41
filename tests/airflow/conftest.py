"""A webhook on loopback, and a project that notifies people through it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


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
