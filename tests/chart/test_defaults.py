"""Defaults that belong together fit; the range of each is in the tests of numbers."""

import re
from collections.abc import Iterator

import pytest
import yaml
from composition import ROOT
from test_scaling import quantity

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
VALUES_OF_CHARTS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("charts/*/values.yaml"))
MINUTE, HOUR, DAY = 60, 3600, 86_400


def number(path: str) -> float:
    """Return a default by its path; a duration in seconds."""
    chart, _, rest = path.partition(".")
    own = ROOT / "charts" / chart / "values.yaml"
    node = yaml.safe_load((own if own.exists() else ROOT / "values.yaml").read_text())
    for key in (rest if own.exists() else path).split("."):
        node = node[key]
    if isinstance(node, str):
        amount, unit = re.fullmatch(r"(\d+)([smhd]?)", node).groups()
        return int(amount) * UNITS[unit]
    return node


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("statsd.serviceMonitor.scrapeTimeout", "statsd.serviceMonitor.interval"),
        ("statsd.mapping.taskWindow", "statsd.mapping.dagRunWindow"),
        ("statsd.mapping.dagRunWindow", "statsd.mapping.pipelineTtl"),
        ("keda.pollingInterval", "keda.cooldownPeriod"),
        ("keda.minReplicaCount", "keda.maxReplicaCount"),
        ("pgbouncer.settings.default_pool_size", "pgbouncer.settings.max_client_conn"),
    ],
)
def test_what_is_within_something_else_is_shorter(shorter, longer):
    assert number(shorter) < number(longer)


def resources_in(node: object, path: str = "") -> Iterator[tuple[str, dict]]:
    """Yield every `resources` of a values file, by its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "resources" and value:
                yield f"{path}.{key}", value
            yield from resources_in(value, f"{path}.{key}")


@pytest.mark.parametrize("file", ["values.yaml", *VALUES_OF_CHARTS, "values/minikube.yaml", "values/prod.yaml"])
def test_what_a_container_asks_for_by_default_is_within_its_limit_and_a_common_node(file):
    for path, resources in resources_in(yaml.safe_load((ROOT / file).read_text())):
        for resource, times, most in (("cpu", 20, 4), ("memory", 5, 8 * 1024)):
            asked, limit = (quantity(resources[kind][resource]) for kind in ("requests", "limits"))
            assert 1 <= limit / asked <= times, (path, resource)
            assert limit <= most, (path, resource)


def test_a_backup_of_last_night_is_young_and_one_that_was_left_out_is_not():
    age = number("statsd.alerts.backupAgeSeconds")
    assert DAY + number("postgres.backup.activeDeadlineSeconds") <= age < 2 * DAY


def test_a_metric_of_a_pipeline_is_kept_for_a_week_and_not_for_ever():
    assert 7 * DAY <= number("statsd.mapping.pipelineTtl") <= 31 * DAY
