"""Every file a container names is there: in its image, or in a volume that holds it."""

import copy
import re

from composition import RELEASE, ROOT
from manifests import identity
from paths import files_named, missing_files, mount_of, volume

AIRFLOW_HOME = "/opt/airflow"


def test_every_path_a_container_names_exists(manifests):
    lost = {c.name: found for c in manifests.containers if (found := missing_files(c, manifests, files_named(c)))}
    assert lost == {}
    assert len({path for c in manifests.containers for path in files_named(c)}) > 15


def test_a_path_that_is_not_mounted_is_found(prod):
    container = copy.deepcopy(next(c for c in prod.containers if c.spec["name"] == "pgbouncer"))
    container.spec["command"] = ["pgbouncer", "/etc/pgbouncer/pgbounce.ini"]
    assert missing_files(container, prod, files_named(container)) == {"/etc/pgbouncer/pgbounce.ini"}


def test_the_files_pgbouncer_ini_names_exist(prod):
    ini = prod.named("ConfigMap", f"{RELEASE}-pgbouncer")["data"]["pgbouncer.ini"]
    paths = set(re.findall(r"= (/\S+)", ini))
    (container,) = (c for c in prod.containers if c.spec["name"] == "pgbouncer")
    assert paths
    assert missing_files(container, prod, paths) == set()


def test_every_mount_has_its_volume_and_every_subpath_its_key(manifests):
    lost = []
    for container in manifests.containers:
        claims = {
            claim["metadata"]["name"]
            for d in manifests.of("StatefulSet")
            if identity(d) == container.owner
            for claim in d["spec"].get("volumeClaimTemplates") or []
        }
        for mount in container.spec.get("volumeMounts") or []:
            found = volume(container, mount["name"])
            if not found and mount["name"] not in claims:
                lost.append((container.name, mount["name"]))
            # The official chart mounts this one into every scheduler, and writes it for KubernetesExecutor alone.
            if mount.get("subPath") == "pod_template_file.yaml":
                continue
            if "configMap" in found and mount.get("subPath"):
                data = manifests.named("ConfigMap", found["configMap"]["name"])["data"]
                lost += [(container.name, mount["subPath"])] if mount["subPath"] not in data else []
    assert lost == []


def test_files_of_volumes_are_for_their_owner_and_group_and_keys_for_nobody_else(manifests):
    """Octal numbers are easily mistyped, and Kubernetes takes nothing above 0777."""
    modes = {}
    for owner, pod in manifests.pods.items():
        for each in pod["spec"].get("volumes") or []:
            source = each.get("secret") or each.get("configMap") or {}
            if "defaultMode" in source:
                modes[owner, each["name"]] = (source["defaultMode"], "secret" in each)
    assert len(modes) >= 3
    for name, (mode, secret) in modes.items():
        assert mode & ~0o777 == 0, name
        assert mode & 0o440 == 0o440, name  # a server runs as its group
        assert mode & 0o222 == 0, name
        assert not secret or mode & 0o337 == 0, name


def test_every_volume_is_mounted(manifests):
    idle = []
    for owner, pod in manifests.pods.items():
        containers = [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]
        mounted = {mount["name"] for c in containers for mount in c.get("volumeMounts") or []}
        idle += [(owner, v["name"]) for v in pod["spec"].get("volumes") or [] if v["name"] not in mounted]
    assert [name for name in idle if "airflow" not in name[0].split("/")[-1] or "setup" in name[0]] == []


def test_whatever_runs_airflow_has_its_configuration(manifests):
    """Without airflow.cfg a command runs with Airflow's defaults: another database, another executor."""
    running = [
        c
        for c in manifests.containers
        if any(e["name"] == "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" for e in c.spec.get("env") or [])
        and not c.owner.startswith("Pod/")  # the tests ask the database themselves
    ]
    assert len(running) >= 7
    without = [
        c.name
        for c in running
        if not (mount := mount_of(c, f"{AIRFLOW_HOME}/airflow.cfg")) or mount.get("subPath") != "airflow.cfg"
    ]
    assert without == []
    homes = {e["value"] for c in running for e in c.spec["env"] if e["name"] == "AIRFLOW_HOME"}
    assert homes == {AIRFLOW_HOME}


def test_a_database_keeps_its_data_below_the_root_of_its_volume(manifests):
    """A new disk has a folder lost+found: initdb refuses a folder that is not empty."""
    for container in manifests.containers:
        for variable in container.spec.get("env") or []:
            if variable["name"] == "PGDATA":
                mount = mount_of(container, variable["value"])
                assert mount
                assert variable["value"].rstrip("/") != mount["mountPath"].rstrip("/")


def test_programs_write_only_where_a_volume_can_be_written(manifests):
    """Root file systems are read-only: a home, a log or a temporary folder needs a volume."""
    for container in manifests.containers:
        for variable in container.spec.get("env") or []:
            if variable["name"] in {"HOME", "BACKUP_DIR", "PGDATA"}:
                mount = mount_of(container, variable["value"])
                assert mount, f"{container.name}: {variable['name']}={variable['value']} is on no volume"
                assert not mount.get("readOnly")
                assert not {"configMap", "secret"} & set(volume(container, mount["name"]))


def test_what_comes_from_a_secret_or_a_config_map_is_mounted_to_be_read(manifests):
    writable = [
        (container.name, mount["mountPath"])
        for container in manifests.containers
        for mount in container.spec.get("volumeMounts") or []
        if {"configMap", "secret"} & set(volume(container, mount["name"])) and not mount.get("readOnly")
    ]
    assert writable == []


def test_a_script_names_devices_that_are_there():
    """As root, what is written to a mistyped device is a new file; in a pod the command fails."""
    scripts = [*ROOT.glob("charts/*/files/*.sh")]
    assert len(scripts) >= 5
    named = {device for script in scripts for device in re.findall(r"/dev/\w*", script.read_text())}
    assert named == {"/dev/null", "/dev/udp", "/dev/zero"}
