"""One set of values points every part at an external PostgreSQL; what is rendered reaches a real one with TLS."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from composition import RELEASE, helm_template
from manifests import load
from postgres_server import running_postgres
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

CA = "/etc/maestro/ca/ca.crt"
VALUES = ("values/prod.yaml", "ci/prod-values.yaml")


def rendered(*settings):
    files = [part for file in VALUES for part in ("-f", file)]
    given = ["postgres.enabled=false", *settings]
    return helm_template(*files, *(part for setting in given for part in ("--set", setting)))


@pytest.fixture(scope="module")
def verified():
    """Provide every part of a release on a database whose certificate is checked."""
    result = rendered(
        "externalDatabase.host=localhost", "externalDatabase.port=6000", "externalDatabase.sslmode=verify-full",
        "externalDatabase.databases.mlflow=models", "global.caBundle.configMapName=authorities",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return load(result.stdout)


def urls(manifests):
    """Return the URLs of MLflow and of Feast's registry."""
    found = []
    for name in (f"{RELEASE}-mlflow", f"{RELEASE}-featurestore"):
        [container] = [c for c in manifests.containers if c.owner.endswith(f"/{name}") and not c.init]
        values = [each.get("value") or "" for each in container.spec["env"]]
        found += [value for value in values if value.startswith("postgresql")]
    return found


def test_every_part_names_the_same_server(verified):
    query = f"?sslmode=verify-full&sslrootcert={CA}"
    assert urls(verified) == [
        f"postgresql+psycopg://mlflow@localhost:6000/models{query}",
        f"postgresql+psycopg://feast@localhost:6000/feast{query}",
    ]
    ini = verified.named("ConfigMap", f"{RELEASE}-pgbouncer")["data"]["pgbouncer.ini"]
    assert "airflow = host=localhost port=6000 dbname=airflow" in ini
    assert "server_tls_sslmode = verify-full" in ini
    assert f"server_tls_ca_file = {CA}" in ini
    everything = yaml.safe_dump(list(verified))
    assert f"@{RELEASE}-postgres" not in everything
    assert f"host={RELEASE}-postgres" not in everything


def test_each_pod_that_connects_has_the_authorities(verified):
    for name in (f"{RELEASE}-mlflow", f"{RELEASE}-featurestore", f"{RELEASE}-airflow-pgbouncer"):
        [pod] = [pod for owner, pod in verified.pods.items() if owner.endswith(f"/{name}")]
        assert "ca-bundle" in {volume["name"] for volume in pod["spec"]["volumes"]}, name
        assert "/etc/maestro/ca" in {mount["mountPath"] for mount in pod["spec"]["containers"][0]["volumeMounts"]}, name


def test_a_url_of_its_own_goes_first():
    result = rendered("externalDatabase.host=db", "mlflow.database.url=postgresql+psycopg://ml@other/ml")
    assert urls(load(result.stdout)) == [
        "postgresql+psycopg://ml@other/ml",
        "postgresql+psycopg://feast@db:5432/feast?sslmode=prefer",
    ]


def test_a_certificate_cannot_be_checked_without_authorities():
    result = rendered("externalDatabase.host=db", "externalDatabase.sslmode=verify-full")
    assert result.returncode != 0
    assert "name a bundle in global.caBundle" in result.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Provide `make(name)`: a key and a certificate for localhost, signed by itself."""
    folder = tmp_path_factory.mktemp("authority")
    key, certificate = folder / "tls.key", folder / "tls.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


def test_the_rendered_urls_reach_a_server_that_insists_on_tls(verified, authority, tmp_path):
    key, certificate = authority
    with running_postgres() as admin:
        engine = create_engine(admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
            for role, database in (("mlflow", "models"), ("feast", "feast")):
                connection.execute(text(f"CREATE ROLE {role} LOGIN"))
                connection.execute(text(f"CREATE DATABASE {database} OWNER {role}"))
            for source, name in ((key, "server.key"), (certificate, "server.crt")):
                shutil.copy(source, folder / name)
                os.chown(folder / name, folder.stat().st_uid, folder.stat().st_gid)
                (folder / name).chmod(0o600)
            (folder / "pg_hba.conf").write_text("host all maestro 127.0.0.1/32 trust\nhostssl all all all trust\n")
            connection.execute(text("ALTER SYSTEM SET ssl = on"))
            connection.execute(text("SELECT pg_reload_conf()"))
        port = engine.url.port
        engine.dispose()
        for url in urls(verified):
            there = url.replace(":6000/", f":{port}/")
            with create_engine(there.replace(CA, str(certificate))).connect() as connection:
                encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                assert connection.execute(text(encrypted)).scalar_one()
            with pytest.raises(OperationalError, match=r"no pg_hba\.conf entry"):
                create_engine(there.partition("?")[0] + "?sslmode=disable").connect()
            other = tmp_path / "other.crt"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                 "-keyout", tmp_path / "other.key", "-out", other], check=True, capture_output=True,
            )  # fmt: skip
            with pytest.raises(OperationalError, match="certificate verify failed"):
                create_engine(there.replace(CA, str(other))).connect()
