"""TLS inside the release, as rendered: what clients check, where certificates are mounted, which Secrets are missed."""

import pytest
from composition import NAMESPACE, RELEASE, helm_template
from manifests import load
from production_secrets import secrets

CONNECTING = {"PGHOST", "PGPASSWORD", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"}


def test_mlflow_the_feature_server_and_every_job_check_the_certificate(prod):
    wanted = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/etc/maestro/tls/ca.crt"}
    connecting = [
        container for container in prod.containers
        if CONNECTING & {variable["name"] for variable in container.spec.get("env") or []}
    ]  # fmt: skip
    assert len(connecting) > 10
    for container in connecting:
        variables = {each["name"]: each.get("value") for each in container.spec.get("env") or []}
        for source in container.spec.get("envFrom") or []:
            if name := source.get("configMapRef", {}).get("name"):
                variables |= prod.named("ConfigMap", name)["data"]
        assert {name: variables.get(name) for name in wanted} == wanted, container.name
        mounts = {mount["mountPath"]: mount["name"] for mount in container.spec["volumeMounts"]}
        assert mounts.get("/etc/maestro/tls") == "tls-authority", container.name


def test_no_pod_names_a_volume_or_a_place_twice(manifests):
    for owner, pod in manifests.pods.items():
        volumes = [volume["name"] for volume in pod["spec"].get("volumes") or []]
        assert sorted(volumes) == sorted(set(volumes)), owner
    for container in manifests.containers:
        places = [mount["mountPath"] for mount in container.spec.get("volumeMounts") or []]
        assert sorted(places) == sorted(set(places)), container.name


def test_a_verified_external_database_names_no_volume_twice(composition):
    files = ("values/prod.yaml", "ci/prod-values.yaml", "ci/examples/external-postgresql.yaml")
    result = helm_template(*(part for file in files for part in ("-f", file)))
    test_no_pod_names_a_volume_or_a_place_twice(load(result.stdout))


def test_pgbouncer_checks_the_name_of_postgresql(prod):
    ini = prod.named("ConfigMap", f"{RELEASE}-pgbouncer")["data"]["pgbouncer.ini"]
    assert "server_tls_sslmode = verify-full" in ini
    assert f"host={RELEASE}-postgres " in ini


def test_before_a_postgresql_of_ones_own_pgbouncer_speaks_tls_on_both_its_sides(composition):
    files = ("values/prod.yaml", "ci/prod-values.yaml", "ci/examples/external-postgresql.yaml")
    manifests = load(helm_template(*(part for file in files for part in ("-f", file))).stdout)
    ini = manifests.named("ConfigMap", f"{RELEASE}-pgbouncer")["data"]["pgbouncer.ini"]
    settings = dict(line.split(" = ", 1) for line in ini.splitlines() if "_tls_" in line)
    assert settings == {
        "client_tls_sslmode": "require",
        "client_tls_cert_file": "/run/tls/tls.crt",
        "client_tls_key_file": "/run/tls/tls.key",
        "server_tls_sslmode": "verify-full",
        "server_tls_ca_file": "/etc/maestro/ca/ca.crt",
    }
    [pgbouncer] = [each for each in manifests.containers if each.spec["name"] == "pgbouncer"]
    assert "/run/tls" in {mount["mountPath"] for mount in pgbouncer.spec["volumeMounts"]}
    environment = manifests.named("ConfigMap", f"{RELEASE}-environment")["data"]
    assert environment["PGSSLMODE"] == "verify-full"
    assert environment["PGSSLROOTCERT"] == "/etc/maestro/tls/ca.crt"


@pytest.mark.parametrize("key", ["caSecret", "postgresSecret", "pgbouncerSecret", "onlineStoreSecret"])
def test_a_certificate_that_nobody_named_is_missed_by_its_key(composition, key):
    files = ("-f", "values/prod.yaml", "-f", "ci/prod-values.yaml")
    result = helm_template(*files, "--set", f"global.tls.{key}=")
    assert result.returncode != 0
    assert f"global.tls.{key}: a Secret with the key" in result.stderr


def test_on_a_laptop_nothing_is_encrypted(minikube):
    assert not any(
        "tls" in volume["name"] for pod in minikube.pods.values() for volume in pod["spec"].get("volumes") or []
    )


def test_the_server_and_the_tasks_are_given_the_same_connection(prod):
    [container] = prod.named("Deployment", f"{RELEASE}-featurestore")["spec"]["template"]["spec"]["containers"]
    [given] = [each["value"] for each in container["env"] if each["name"] == "FEAST_ONLINE_STORE"]
    address, *options = given.split(",")
    of_tasks, *wanted = secrets()["maestro-environment"]["FEAST_ONLINE_STORE"].split(",")
    assert of_tasks == address.replace(":", f".{NAMESPACE}:")
    assert options[:-1] == wanted[:-1] == ["ssl=true", "ssl_ca_certs=/etc/maestro/tls/ca.crt"]
