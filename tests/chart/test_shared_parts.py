"""What several containers have in common is there in each of them, and the same."""

import importlib.util
import re
from collections import defaultdict
from pathlib import Path

from manifests import Container, Manifests
from paths import volume

AUTHORITIES = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO"}
# Variables that the programs of the images read, beside MLflow's.
OF_PROGRAMS = AUTHORITIES | {
    "AIRFLOW_HOME", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SECRET_ACCESS_KEY", "HOME",
    "PGDATA", "PGHOST", "PGPASSWORD", "PGPORT", "PGSSLMODE", "PGSSLROOTCERT", "PGUSER", "POSTGRES_PASSWORD_FILE",
    "REDISCLI_AUTH",
}  # fmt: skip


def ours(manifests: Manifests) -> list[Container]:
    """The containers of our charts, without the test that looks at what a task has."""
    return [c for c in manifests.containers if "-airflow-" not in c.owner and not c.owner.endswith("-test-doctor")]


def variables(container: Container) -> dict[str, dict]:
    return {variable["name"]: variable for variable in container.spec.get("env") or []}


def test_every_variable_has_a_value_or_one_source(manifests):
    for container in manifests.containers:
        for name, variable in variables(container).items():
            sources = [source for source in (variable.get("valueFrom") or {}).values() if source]
            assert ("value" in variable) + len(sources) == 1, (container.name, name)


def test_every_volume_has_one_source(manifests):
    """Kubernetes takes one without any for an empty folder."""
    for owner, pod in manifests.pods.items():
        for each in pod["spec"].get("volumes") or []:
            [(kind, source)] = [item for item in each.items() if item[0] != "name"]
            named = {"secret": "secretName", "configMap": "name", "persistentVolumeClaim": "claimName"}.get(kind)
            assert not named or source.get(named), (owner, each)


def of_mlflow() -> set[str]:
    """The variables that MLflow's modules name, read without importing it."""
    folder = Path(next(iter(importlib.util.find_spec("mlflow").submodule_search_locations)))
    patterns = ("environment_variables.py", "server/*.py", "server/auth/*.py", "cli/*.py")
    text = "".join(file.read_text() for pattern in patterns for file in folder.glob(pattern))
    return set(re.findall(r"\bMLFLOW_[A-Z0-9_]+", text))


def scripts(container: Container, manifests: Manifests) -> str:
    """What is in the ConfigMaps that a container mounts, and what its command, probes and variables say."""
    texts = [str(container.spec.get(key) or "") for key in ("command", "args", "startupProbe", "livenessProbe")]
    texts += [str(variable.get("value")) for variable in variables(container).values()]
    for mount in container.spec.get("volumeMounts") or []:
        if source := volume(container, mount["name"]).get("configMap"):
            texts += map(str, (manifests.named("ConfigMap", source["name"]).get("data") or {}).values())
    return "\n".join(texts)


def test_every_variable_of_ours_is_read_by_a_script_or_a_program(manifests):
    mlflow = of_mlflow()
    assert len(mlflow) > 50
    unread = set()
    for container in ours(manifests):
        words = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", scripts(container, manifests)))
        for name in variables(container):
            # accounts.py reads two names that begin alike.
            of_a_file = name in words or name.rpartition("_")[0] in words or name.startswith("AIRFLOW__")
            if not (of_a_file or name in OF_PROGRAMS or name in mlflow):
                unread.add((container.name, name))
    assert unread == set()


def test_a_script_has_every_variable_it_cannot_do_without(manifests):
    """`${NAME:?}` in a script, `os.environ["NAME"]` in Python: of the script that a container's command names."""
    asked = 0
    for container in ours(manifests):
        command = " ".join([*(container.spec.get("command") or []), *map(str, container.spec.get("args") or [])])
        for mount in container.spec.get("volumeMounts") or []:
            source = volume(container, mount["name"]).get("configMap")
            data = manifests.named("ConfigMap", source["name"]).get("data") if source else None
            for file, text in (data or {}).items():
                if f"{mount['mountPath']}/{file}" not in command or not file.endswith((".sh", ".py")):
                    continue
                needed = set(re.findall(r"\$\{([A-Z_]+):\?", text)) | set(re.findall(r'environ\["([A-Z_]+)"\]', text))
                asked += len(needed)
                assert needed <= variables(container).keys(), container.name
    assert asked >= 4


def test_containers_of_one_pod_agree_on_a_variable_and_have_all_of_airflows(manifests):
    pods = defaultdict(list)
    for container in ours(manifests):
        pods[container.owner].append(variables(container))
    for owner, containers in pods.items():
        settings = [{name for name in found if name.startswith("AIRFLOW_")} for found in containers]
        assert len(set(map(frozenset, settings))) == 1, owner
        for first in containers:
            for second in containers:
                both = first.keys() & second.keys()
                assert {name: first[name] for name in both} == {name: second[name] for name in both}, owner


def test_a_user_of_postgresql_has_one_password_in_all_pods(manifests):
    found = defaultdict(set)
    for container in ours(manifests):
        known = variables(container)
        reference = (known.get("PGPASSWORD", {}).get("valueFrom") or {}).get("secretKeyRef")
        if reference and "PGUSER" in known:
            found[known["PGUSER"]["value"]].add((reference["name"], reference["key"]))
    assert {user: keys for user, keys in found.items() if len(keys) > 1} == {}


def test_every_container_trusts_the_same_authorities(manifests):
    """Each program reads another variable: one that is missing lets a single program fail."""
    places = defaultdict(set)
    for container in ours(manifests):
        found = {name: variables(container)[name] for name in AUTHORITIES & variables(container).keys()}
        values = {variable["value"] for variable in found.values()}
        assert len(values) <= 1, container.name
        places["names"].add(frozenset(found))
        for mount in container.spec.get("volumeMounts") or []:
            if mount["mountPath"].startswith("/etc/maestro/"):
                source = dict(volume(container, mount["name"]))
                places[mount["mountPath"]].add(repr(sorted(source.items())))
                places[f"mount at {mount['mountPath']}"].add(repr(sorted(mount.items())))
    assert places.pop("names") in ({frozenset()}, {frozenset(AUTHORITIES)})
    assert {place: found for place, found in places.items() if len(found) > 1} == {}


def test_what_one_container_of_a_pod_may_write_to_each_may(manifests):
    """The root of every container is read-only: without its own /tmp a program fails where another one works."""
    for container in ours(manifests):
        if any(each["name"] == "tmp" for each in container.pod.get("volumes") or []):
            places = {mount["name"]: mount["mountPath"] for mount in container.spec["volumeMounts"]}
            assert places.get("tmp") == "/tmp", container.name


def test_an_external_secret_is_read_from_the_store_into_the_secret_of_its_name(manifests):
    for document in manifests.of("ExternalSecret"):
        spec = document["spec"]
        assert spec["target"]["name"] == document["metadata"]["name"]
        assert spec["target"]["creationPolicy"] == "Owner"
        assert [source["extract"]["key"] for source in spec["dataFrom"]]
        assert spec["secretStoreRef"]["name"]
