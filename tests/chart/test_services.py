"""Addresses of Services."""

from composition import ENVIRONMENTS, helm_template
from manifests import load

FAMILIES = ["--set", "global.ipFamilyPolicy=PreferDualStack", "--set", "global.ipFamilies={IPv6,IPv4}"]


def own_services(manifests) -> list[dict]:
    return [d for d in manifests.of("Service") if not d["metadata"]["labels"].get("chart", "").startswith("airflow-")]


def test_every_service_of_ours_has_the_families_that_are_asked_for(composition):
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


def test_by_default_the_cluster_chooses_the_family(prod):
    assert not [s for s in prod.of("Service") if {"ipFamilyPolicy", "ipFamilies"} & set(s["spec"])]
    assert {arg for c in prod.containers for arg in c.spec.get("args") or [] if arg.startswith("--host=")} == {
        "--host=0.0.0.0"
    }
