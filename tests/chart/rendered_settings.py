"""Settings, Services and addresses as rendered."""

import configparser
import json
import re

from composition import RELEASE
from manifests import Manifests


def airflow_config(manifests: Manifests) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(manifests.named("ConfigMap", f"{RELEASE}-airflow-config")["data"]["airflow.cfg"])
    return parser


def service_ports(manifests: Manifests) -> dict[str, set[int]]:
    return {s["metadata"]["name"]: {p["port"] for p in s["spec"]["ports"]} for s in manifests.of("Service")}


ADDRESS = re.compile(rf"(?<![\w.-])({RELEASE}-[a-z-]+)(?:\.[a-z-]+)*(?::| port=)(\d{{3,}})\b")


def addresses(manifests: Manifests) -> set[tuple[str, int]]:
    """Return every host of the release with a port, in variables, arguments and configuration."""
    texts = [json.dumps(c.spec) for c in manifests.containers]
    texts += [str(text) for d in manifests.of("ConfigMap") for text in (d.get("data") or {}).values()]
    return {(host, int(port)) for text in texts for host, port in ADDRESS.findall(text)}
