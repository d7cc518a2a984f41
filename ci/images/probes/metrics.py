"""Counters to the StatsD exporter that Airflow sends to; charts/statsd/files/probe-metrics.yaml lists them."""

import configparser
import os
import socket
from pathlib import Path


def setting(name: str) -> str:
    """Return a setting of Airflow's section `metrics`: from the environment, else from airflow.cfg, else empty."""
    if value := os.environ.get(f"AIRFLOW__METRICS__{name.upper()}"):
        return value
    config = configparser.RawConfigParser(strict=False)
    config.read(Path(os.environ.get("AIRFLOW_HOME", "/opt/airflow"), "airflow.cfg"))
    return config.get("metrics", name, fallback="").strip()


def count(*lines: str) -> None:
    """Add one to each counter. A verdict never depends on it: an exporter that is away is no error."""
    host, port = setting("statsd_host"), setting("statsd_port")
    if not lines or setting("statsd_on").lower() != "true" or not host or not port:
        return
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as sender:
            sender.sendto("\n".join(f"{line}:1|c" for line in lines).encode(), address)
    except (OSError, ValueError) as error:
        print(f"no metrics: {error}")
