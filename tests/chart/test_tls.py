"""TLS inside the release: real servers started as they are rendered, and clients that read what theirs read."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import sqlalchemy
from composition import NAMESPACE, RELEASE, loaded
from local_servers import NOBODY, a_port, program, started
from production_secrets import prod_secrets, secrets
from sqlalchemy.ext.asyncio import create_async_engine

ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture(scope="module")
def folder():
    """Provide where the servers run: the user nobody can read it, as PostgreSQL refuses to run as root."""
    with tempfile.TemporaryDirectory(prefix="maestro-tls-") as name:
        made = Path(name)
        for secret, files in secrets().items():
            for file, text in files.items():
                if file.startswith(("tls.", "ca.")):
                    (made / secret).mkdir(exist_ok=True)
                    (made / secret / file).write_text(text)
                    (made / secret / file).chmod(0o600)
        other = prod_secrets.certificates(prod_secrets.Draw({}), RELEASE, NAMESPACE)
        (made / "other.crt").write_text(other["maestro-ca"]["ca.crt"])
        (made / "renewed").mkdir()
        for file, text in other["maestro-postgres-tls"].items():
            (made / "renewed" / file).write_text(text)
        if NOBODY:
            for path in (made, *made.rglob("*")):
                shutil.chown(path, "nobody")
        yield made


def here(text: str, folder: Path, server: str) -> str:
    """Return a text of a pod with our folders in place of its own."""
    return text.replace("/run/tls", str(folder / server)).replace("/etc/maestro/tls", str(folder / "maestro-ca"))


@pytest.fixture(scope="module")
def postgres(composition, folder):
    """Provide the port of a PostgreSQL with the rendered arguments, rules and certificate."""
    prod, port = loaded("prod"), a_port()
    data = folder / "data"
    subprocess.run([program("initdb"), "-D", data, "-U", "postgres", "--auth=trust", "-N"], check=True,
                   stdout=subprocess.DEVNULL, cwd=folder, **NOBODY)  # fmt: skip
    [container] = prod.named("StatefulSet", f"{RELEASE}-postgres")["spec"]["template"]["spec"]["containers"]
    rules = folder / "pg_hba.conf"
    rules.write_text(prod.named("ConfigMap", f"{RELEASE}-postgres-scripts")["data"]["pg_hba.conf"])
    # On one machine every connection is of the loopback address: only the rules for others are wanted here.
    rules.write_text("".join(line for line in rules.read_text().splitlines(True) if "127.0.0.1" not in line))
    arguments = [here(word, folder, "maestro-postgres-tls") for word in container["args"][1:]]
    arguments = [word.replace("/scripts/pg_hba.conf", str(rules)) for word in arguments]
    ours = ["-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=16MB",
            "-c", f"unix_socket_directories={folder}"]  # fmt: skip
    process = started([program("postgres"), *arguments, *ours], port, cwd=folder, **NOBODY)
    passwords = secrets()["maestro-postgres"]
    for statement in (
        *(
            f"CREATE ROLE {name} LOGIN PASSWORD '{passwords[f'{name}-password']}'"
            for name in ("airflow", "feast", "mlflow")
        ),
        *(f"CREATE DATABASE {name} OWNER {name}" for name in ("airflow", "feast", "mlflow")),
    ):
        connection = ["psql", "-h", str(folder), "-p", str(port), "-U", "postgres", "-qXc", statement]
        subprocess.run(connection, check=True)
    yield port
    process.terminate()
    process.wait()


@pytest.fixture
def names(monkeypatch):
    """Provide the Services' names lead to this machine: for libpq by its variable, for Python by its resolver."""
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    resolve = socket.getaddrinfo

    def resolved(host, *rest, **named):
        name = host.decode() if isinstance(host, bytes) else host
        return resolve("127.0.0.1" if name and name.startswith(RELEASE) else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.fixture
def authority_of_clients(monkeypatch, folder):
    """Provide `authority_of_clients(authority=...)`: the variables of tasks and training pods, with the file of the
    authority.
    """

    def apply(authority: Path | None = None) -> None:
        data = loaded("prod").named("ConfigMap", f"{RELEASE}-environment")["data"]
        for name in ("PGSSLMODE", "PGSSLROOTCERT"):
            monkeypatch.setenv(name, here(data[name], folder, ""))
        if authority:
            monkeypatch.setenv("PGSSLROOTCERT", str(authority))

    apply()
    return apply


def registry(port: int) -> str:
    return secrets()["maestro-environment"]["FEAST_REGISTRY"].replace(":5432/", f":{port}/")


def scalar(url: str, statement: str = ENCRYPTED) -> object:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(sqlalchemy.text(statement)).scalar_one()
    finally:
        engine.dispose()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_clients_of_postgresql_speak_tls_and_check_it(postgres, names, authority_of_clients, folder, driver):
    url = registry(postgres).replace("+psycopg:", f"+{driver}:")
    assert scalar(url) is True
    with pytest.raises(sqlalchemy.exc.OperationalError, match="does not match host name"):
        scalar(url.replace(f"{RELEASE}-postgres.{NAMESPACE}", "maestro-other"))
    authority_of_clients(authority=folder / "other.crt")
    with pytest.raises(sqlalchemy.exc.OperationalError, match="certificate verify failed"):
        scalar(url)


def test_airflows_asynchronous_connections_do_too(postgres, names, authority_of_clients, folder):
    pytest.importorskip("asyncpg", reason="make install")
    from airflow.settings import _get_async_conn_uri_from_sync

    url = _get_async_conn_uri_from_sync(registry(postgres))

    async def encrypted() -> object:
        engine = create_async_engine(url)
        try:
            async with engine.connect() as connection:
                return (await connection.execute(sqlalchemy.text(ENCRYPTED))).scalar_one()
        finally:
            await engine.dispose()

    assert asyncio.run(encrypted()) is True
    authority_of_clients(authority=folder / "other.crt")
    with pytest.raises(OSError, match="certificate verify failed"):
        asyncio.run(encrypted())


def test_postgresql_refuses_who_does_not(postgres, names, authority_of_clients):
    with pytest.raises(sqlalchemy.exc.OperationalError, match=r"no pg_hba\.conf entry"):
        scalar(f"{registry(postgres)}?sslmode=disable")


def test_postgresql_reads_a_renewed_certificate_without_a_restart(postgres, names, authority_of_clients, folder):
    current, before = folder / "maestro-postgres-tls", folder / "before"
    script = loaded("prod").named("ConfigMap", f"{RELEASE}-postgres-scripts")["data"]["ready.sh"]
    probe = {
        "PATH": f"{Path(program('psql')).parent}:{os.environ['PATH']}", "PGHOST": str(folder), "PGPORT": str(postgres),
        "PGDATA": str(folder / "data"), "DATABASES": "feast", "CERTIFICATE": str(current / "tls.crt"),
    }  # fmt: skip

    def renew(source: Path) -> None:
        for file in ("tls.key", "tls.crt"):
            (current / file).write_bytes((source / file).read_bytes())
        time.sleep(1)
        subprocess.run(["bash", "-c", script], env=probe, check=True)
        time.sleep(1)

    shutil.copytree(current, before)
    try:
        renew(folder / "renewed")
        authority_of_clients(authority=folder / "other.crt")
        assert scalar(registry(postgres)) is True
    finally:
        renew(before)
    authority_of_clients()
    assert scalar(registry(postgres)) is True


@pytest.fixture(scope="module")
def pooler(postgres, folder):
    """Provide the port of a PgBouncer with the rendered settings."""
    ini, port = loaded("prod").named("ConfigMap", f"{RELEASE}-pgbouncer")["data"]["pgbouncer.ini"], a_port()
    ini = here(ini, folder, "maestro-pgbouncer-tls").replace("port=5432", f"port={postgres}")
    ini = ini.replace(f"host={RELEASE}-postgres", "host=localhost").replace("/etc/pgbouncer-users", str(folder))
    lines = [line for line in ini.splitlines() if not line.startswith("max_prepared_statements")]
    # No name of the certificate leads here: what is checked is the signature.
    lines = [line.replace("server_tls_sslmode = verify-full", "server_tls_sslmode = verify-ca") for line in lines]
    lines = [f"listen_port = {port}" if line.startswith("listen_port") else line for line in lines]
    (folder / "pgbouncer.ini").write_text("\n".join([*lines, "unix_socket_dir =", ""]))
    (folder / "users.txt").write_text(secrets()["maestro-pgbouncer"]["users.txt"])
    process = started([program("pgbouncer"), str(folder / "pgbouncer.ini")], port, cwd=folder, stderr=-3, **NOBODY)
    yield port
    process.terminate()
    process.wait()


def pooled(port: int) -> str:
    return secrets()["maestro-airflow"]["connection"].replace(":6543/", f":{port}/")


def test_both_ways_of_pgbouncer_are_encrypted(pooler, names, authority_of_clients, folder):
    assert scalar(pooled(pooler)) is True  # between PgBouncer and PostgreSQL
    with pytest.raises(sqlalchemy.exc.OperationalError, match=r"SSL required|server closed"):
        scalar(f"{pooled(pooler)}?sslmode=disable")
    authority_of_clients(authority=folder / "other.crt")
    with pytest.raises(sqlalchemy.exc.OperationalError, match="certificate verify failed"):
        scalar(pooled(pooler))


@pytest.fixture(scope="module")
def online_store(composition, folder):
    """Provide the port of a Redis that the rendered script started, and the variables of its pod."""
    port, pod = a_port(), loaded("prod").named("StatefulSet", f"{RELEASE}-featurestore-redis")
    password = secrets()["maestro-featurestore"]["redis-password"]
    (folder / "redis-password").write_text(password)
    for name, text in loaded("prod").named("ConfigMap", f"{RELEASE}-featurestore-redis")["data"].items():
        ours = here(text, folder, "maestro-online-store-tls").replace("tls-port 6379", f"tls-port {port}")
        for place in ("/run/secrets/redis", "/run/redis", "/etc/redis", "dir /data"):
            ours = ours.replace(place, f"dir {folder}" if place == "dir /data" else str(folder))
        (folder / name).write_text(ours + ("bind 127.0.0.1\n" if name == "redis.conf" else ""))
    process = started([program("sh"), str(folder / "start.sh")], port)
    [container] = pod["spec"]["template"]["spec"]["containers"]
    [options] = [variable["value"] for variable in container["env"] if variable["name"] == "TLS"]
    yield port, {"REDISCLI_AUTH": password, "TLS": f"-p {port} {here(options, folder, '')}", "PATH": os.environ["PATH"]}
    process.terminate()
    process.wait()


def test_feast_reaches_the_online_store_by_tls_only(online_store, names, folder, monkeypatch):
    pytest.importorskip("feast", reason="make install")
    import redis
    from feast.infra.online_stores.redis import RedisOnlineStore, RedisOnlineStoreConfig

    port, _ = online_store
    string = secrets()["maestro-environment"]["FEAST_ONLINE_STORE"].replace(":6379,", f":{port},")

    def ping(text: str) -> object:
        return RedisOnlineStore()._get_client(RedisOnlineStoreConfig(connection_string=text)).ping()

    assert ping(here(string, folder, "")) is True
    with pytest.raises(redis.ConnectionError, match="certificate verify failed"):
        ping(string.replace("/etc/maestro/tls/ca.crt", str(folder / "other.crt")))
    with pytest.raises(redis.ConnectionError, match=r"[Hh]ostname mismatch"):
        ping(here(string, folder, "").replace(f"{RELEASE}-featurestore-redis.{NAMESPACE}", "maestro-other"))
    with pytest.raises(redis.ConnectionError):
        ping(string.replace("ssl=true", "ssl=false"))


def test_the_probes_of_the_online_store_speak_tls(online_store, folder):
    _, variables = online_store
    ready = ["sh", str(folder / "ready.sh")]
    assert subprocess.run(ready, env=variables, check=False).returncode == 0
    assert (
        subprocess.run(ready, env=variables | {"TLS": variables["TLS"].split(" --tls")[0]}, check=False).returncode == 1
    )
    [container] = loaded("prod").named("StatefulSet", f"{RELEASE}-featurestore-redis")["spec"]["template"]["spec"][
        "containers"
    ]
    for probe in ("startupProbe", "livenessProbe"):
        assert subprocess.run(container[probe]["exec"]["command"], env=variables, check=False).returncode == 0
