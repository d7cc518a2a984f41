"""Every Airflow setting in the values exists in Airflow's reference: Airflow ignores an unknown one silently."""

import re
from functools import cache

import pytest
import yaml
from composition import ROOT

VARIABLE = re.compile(r"AIRFLOW__(?P<section>[A-Z0-9_]+?)__(?P<option>[A-Z0-9_]+)$")
# Read by the image's log groomer, not by Airflow.
GROOMER = {"AIRFLOW__LOG_RETENTION_DAYS", "AIRFLOW__LOG_CLEANUP_FREQUENCY_MINUTES", "AIRFLOW__LOG_RETENTION_MINUTES"}


@cache
def reference() -> set[tuple[str, str]]:
    from airflow.configuration import conf
    from airflow.providers.celery.get_provider_info import get_provider_info as celery
    from airflow.providers.fab.get_provider_info import get_provider_info as fab
    from kombu.transport.redis import Channel

    sections = dict(conf.configuration_description)
    for provider in (celery(), fab()):
        sections |= provider["config"]
    # Airflow hands this section to the broker's transport as it is.
    transport = {("celery_broker_transport_options", option) for option in Channel.from_transport_options}
    return transport | {(section, option) for section, body in sections.items() for option in body["options"]}


def ours(path: str) -> set[tuple[str, str]]:
    config = (yaml.safe_load((ROOT / path).read_text()).get("airflow") or {}).get("config") or {}
    return {(section, option) for section, options in config.items() for option in options}


@pytest.mark.parametrize("path", ["values.yaml", "values/minikube.yaml", "values/prod.yaml", "ci/prod-values.yaml"])
def test_every_setting_in_the_values_exists(path):
    assert ours(path)
    assert ours(path) - reference() == set()


def test_every_variable_in_a_container_exists(manifests):
    names = {
        variable["name"]
        for c in manifests.containers
        for variable in c.spec.get("env") or []
        if variable["name"].startswith("AIRFLOW__")
    }
    found = {name: VARIABLE.match(name) for name in names - GROOMER}
    unknown = {
        name
        for name, match in found.items()
        if not match or (match["section"].lower(), match["option"].lower()) not in reference()
    }
    assert names
    assert unknown == set()


def test_an_unknown_setting_is_found():
    assert ("scheduler", "dag_dir_list_interval") not in reference()
