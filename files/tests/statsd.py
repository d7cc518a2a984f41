"""A metric sent to the exporter by UDP arrives on its /metrics page."""

import os
import socket
import sys
import time
import urllib.request

host, port = os.environ["STATSD_HOST"], os.environ["STATSD_PORT"]
page = f"http://{host}:{os.environ['METRICS_PORT']}/metrics"
name = f"maestro_helm_test_{time.time_ns()}"
# IPv4 or IPv6, as the name resolves.
family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
with socket.socket(family, kind) as sender:
    for _ in range(10):
        sender.sendto(f"{name}:1|g".encode(), address)
        time.sleep(1)
        with urllib.request.urlopen(page, timeout=10) as response:
            if any(line.startswith(name) for line in response.read().decode().splitlines()):
                print(f"{name} arrived")
                sys.exit()
sys.exit(f"{name} was sent ten times and did not arrive")
