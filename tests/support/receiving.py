"""Servers on loopback that keep what they are sent: a webhook, and a StatsD."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@contextlib.contextmanager
def receiving(
    status: int = 200, before_the_answer: Callable[[], object] = lambda: None
) -> Iterator[tuple[int, list[tuple[str, Any]]]]:
    """Listen as a webhook; yield its port, and the JSON bodies that arrived with their paths."""
    received: list[tuple[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            before_the_answer()
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, received
    server.shutdown()
    server.server_close()


def notifying(port: int) -> str:
    """Return the line of a project file that sends messages there."""
    return f"alerting: {{notify: 'json://user:hush@127.0.0.1:{port}/'}}\n"


class ReceivedMetrics:
    """A socket to which Airflow's metrics go."""

    def __init__(self, server: socket.socket) -> None:
        self._server = server

    def gauges(self) -> list[tuple[str, float, dict[str, str]]]:
        """Return what has arrived: name, value and labels of each."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                series, _, measured = self._server.recv(4096).decode().partition(":")
                name, *labels = series.split(",")
                value, kind = measured.split("|")
                assert kind == "g"
                found.append((name, float(value), dict(label.split("=", 1) for label in labels)))
        return found


@contextlib.contextmanager
def receiving_metrics() -> Iterator[ReceivedMetrics]:
    """Send the metrics of this process to a socket, with Airflow's own StatsD client."""
    from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
    from airflow.sdk._shared.observability.metrics.statsd_logger import get_statsd_logger
    from airflow.sdk.observability import stats
    from statsd import StatsClient

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        host, port = server.getsockname()
        client = get_statsd_logger(
            stats_class=StatsClient, host=host, port=port, influxdb_tags_enabled=True, statsd_influxdb_enabled=True
        )
        stats.initialize(factory=lambda: client, export_legacy_names=False)
        try:
            yield ReceivedMetrics(server)
        finally:
            stats.initialize(factory=NoStatsLogger, export_legacy_names=True)
