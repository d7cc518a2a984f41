"""Addresses of Services, and what servers listen on."""

import importlib

import pytest
from composition import ENVIRONMENTS, helm_template
from manifests import load, selected
from rendered_settings import airflow_config

FAMILIES = ["--set", "global.ipFamilyPolicy=PreferDualStack", "--set", "global.ipFamilies={IPv6,IPv4}"]


def own_services(manifests) -> list[dict]:
    return [d for d in manifests.of("Service") if not d["metadata"]["labels"].get("chart", "").startswith("airflow-")]


def test_every_service_of_ours_has_the_families_of_the_values(composition):
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    done = helm_template(*files, *FAMILIES)
    assert done.returncode == 0, done.stderr
    manifests = load(done.stdout)
    services = own_services(manifests)
    assert len(services) >= 5
    for service in services:
        assert service["spec"]["ipFamilyPolicy"] == "PreferDualStack", service["metadata"]["name"]
        assert service["spec"]["ipFamilies"] == ["IPv6", "IPv4"]
    listening = {arg for c in manifests.containers for arg in c.spec.get("args") or [] if arg.startswith("--host=")}
    assert listening == {"--host=::"}


@pytest.mark.parametrize("environment", ["minikube", "prod"], indirect=True)
def test_airflow_listens_and_is_known_by_ipv6_where_pods_have_nothing_else(environment):
    files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
    done = helm_template(*files, "--set", "global.ipFamilies={IPv6}", "--set", "airflow.config.celery.flower_host=::1")
    assert done.returncode == 0, done.stderr
    config = airflow_config(load(done.stdout))
    assert config["api"]["host"] == "::"
    assert config["metrics"].getboolean("statsd_ipv6")
    module, _, name = config["core"]["hostname_callable"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert config["celery"]["flower_host"] == "::1"


def test_with_ipv4_airflow_keeps_its_own_defaults(manifests):
    config = airflow_config(manifests)
    assert not config.has_option("api", "host")
    assert not config.has_option("metrics", "statsd_ipv6")


def test_by_default_the_cluster_chooses_the_family(prod):
    assert not [s for s in prod.of("Service") if {"ipFamilyPolicy", "ipFamilies"} & set(s["spec"])]
    assert {arg for c in prod.containers for arg in c.spec.get("args") or [] if arg.startswith("--host=")} == {
        "--host=0.0.0.0"
    }


def test_a_service_and_the_containers_port_speak_one_protocol(manifests):
    for service in own_services(manifests):
        pods = selected(service["spec"]["selector"], manifests)
        found = [port for pod in pods for c in pod["spec"]["containers"] for port in c.get("ports") or []]
        by_name = {port["name"]: port.get("protocol", "TCP") for port in found}
        for port in service["spec"]["ports"]:
            assert by_name[port["targetPort"]] == port.get("protocol", "TCP"), service["metadata"]["name"]


def test_only_the_laptop_opens_a_port_of_its_node(manifests, environment):
    types = {service["spec"].get("type", "ClusterIP") for service in manifests.of("Service")}
    assert types == ({"ClusterIP", "NodePort"} if environment == "minikube" else {"ClusterIP"})
