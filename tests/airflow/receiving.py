"""A webhook on loopback."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer


@contextlib.contextmanager
def receiving() -> Iterator[tuple[int, list[tuple[str, dict]]]]:
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


def notifying(port: int) -> str:
    """The line of a project file that sends messages there."""
    return f"alerting: {{notify: 'json://user:hush@127.0.0.1:{port}/'}}\n"
