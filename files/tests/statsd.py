"""A metric sent to the exporter by UDP arrives on its /metrics page."""

import os
import socket
import sys
import time
import urllib.request

host = os.environ["STATSD_HOST"]
name = f"maestro_helm_test_{time.time_ns()}"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for _ in range(10):
        sender.sendto(f"{name}:1|g".encode(), (host, 9125))
        time.sleep(1)
        with urllib.request.urlopen(f"http://{host}:9102/metrics", timeout=10) as response:
            if any(line.startswith(name) for line in response.read().decode().splitlines()):
                print(f"{name} arrived")
                sys.exit()
sys.exit(f"{name} was sent ten times and did not arrive")
