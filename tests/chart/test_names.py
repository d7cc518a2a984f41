"""Names of every object, for short and long release names: they fit, they differ, and references find them."""

import re
import subprocess

import pytest
from composition import ENVIRONMENTS, HELM, NAMESPACE, RELEASE, ROOT
from manifests import Manifests, identity, load, pod_template

LONGEST = 27
LIMITS = {"Service": 63, "CronJob": 52, "Job": 63, "StatefulSet": 52, "Deployment": 63, "Namespace": 63}
NAMES = ["m", "airflow", "a" * (LONGEST - 1), "r" + "-1" * ((LONGEST - 1) // 2), "x" * LONGEST]


def template(release: str, environment: str, *extra: str) -> subprocess.CompletedProcess:
    files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
    command = [HELM, "template", release, ".", "--namespace", NAMESPACE, *files, *extra]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def names_too_long(manifests: Manifests) -> list[str]:
    return [
        identity(d) for d in manifests if len(d["metadata"]["name"]) > LIMITS.get(d["kind"], 253) or "--" in identity(d)
    ]


def labels_too_long(manifests: Manifests) -> list[str]:
    found = []
    for document in manifests:
        pod = pod_template(document) or {"metadata": {}}
        for labels in (document["metadata"].get("labels"), pod["metadata"].get("labels")):
            found += [f"{identity(document)}: {k}" for k, v in (labels or {}).items() if len(str(v)) > 63]
    return found


def hosts_nobody_serves(text: str, release: str, manifests: Manifests) -> set[str]:
    """Return host names of this release in addresses (`//host`, `@host:port`, `host=...`) without a Service of that
    name.
    """
    services = {d["metadata"]["name"] for d in manifests.of("Service")}
    pattern = rf"(?:://|@|host ?= ?|HOST\n\s+value: )\"?({re.escape(release)}-[a-z0-9-]+)[.:\s/\"]"
    return {host for host in re.findall(pattern, text) if host not in services}


@pytest.mark.parametrize("release", NAMES)
def test_every_name_fits_and_is_found(environment, release):
    done = template(release, environment)
    assert done.returncode == 0, done.stderr
    manifests = load(done.stdout)
    assert names_too_long(manifests) == []
    assert labels_too_long(manifests) == []
    identities = [identity(d) for d in manifests]
    assert sorted(identities) == sorted(set(identities))
    assert hosts_nobody_serves(done.stdout, release, manifests) == set()
    accounts = {d["metadata"]["name"] for d in manifests.of("ServiceAccount")}
    assert {pod["spec"]["serviceAccountName"] for pod in manifests.pods.values()} <= accounts


@pytest.mark.parametrize("length", [LONGEST + 1, 41, 53])
def test_a_name_that_is_too_long_is_refused_with_the_limit(environment, length):
    done = template("r" * length, environment)
    assert done.returncode != 0
    assert f"has {length} characters, but at most {LONGEST} are allowed" in done.stderr


@pytest.mark.parametrize("release", ["1st", "a.b", "2026"])
def test_a_name_that_no_service_may_begin_with_is_refused(composition, release):
    done = template(release, "minikube")
    assert done.returncode != 0
    assert f"the release name {release} is a prefix of the names of Services" in done.stderr


def test_a_set_of_workers_whose_service_had_too_long_a_name_is_refused(composition):
    done = template("x" * LONGEST, "prod", "--set", "airflow.workers.celery.sets[0].name=" + "s" * 21)
    assert "choose a shorter name for the set or the release" in done.stderr


def test_two_production_releases_share_only_the_training_namespace(composition):
    """In one namespace. Helm refuses the second by that name, until its training.createNamespace is false."""
    first, second = ({identity(d) for d in load(template(name, "prod").stdout)} for name in ("one", "two"))
    assert first & second == {f"Namespace/{NAMESPACE}-training"}


def test_two_laptop_releases_share_only_what_has_a_fixed_name(composition):
    first, second = ({identity(d) for d in load(template(name, "minikube").stdout)} for name in ("one", "two"))
    assert first & second == {
        "PersistentVolumeClaim/maestro-store",
        "Secret/maestro-development",
        "Secret/maestro-development-environment",
        "ServiceAccount/maestro-scheduler",
    }


def test_a_host_nobody_serves_is_found():
    manifests = load("{kind: Service, metadata: {name: r-postgres}}")
    assert hosts_nobody_serves("x: postgresql://u@r-postgress:5432/d\n", "r", manifests) == {"r-postgress"}
    assert hosts_nobody_serves("x: postgresql://u@r-postgres:5432/d\n", "r", manifests) == set()


def test_the_backups_of_production_are_at_a_place_of_the_releases_own(prod):
    job = prod.named("CronJob", f"{RELEASE}-postgres-backup")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (upload,) = [each for each in job["initContainers"] if each["name"] == "upload"]
    _, _, uri, _, owner = upload["args"]
    assert owner == f"{NAMESPACE}/{RELEASE}"
    assert uri.endswith(f"/{owner}")
