"""Everything is lost, the volumes too, and comes back from the bucket as it was when the backup was made."""

import hashlib
import time
from dataclasses import dataclass, replace

import pytest
from harness.airflow_api import AirflowApi
from harness.kubectl import wait_until
from harness.pipelines import versions
from harness.platform import HERE, PODS, Platform
from harness.proof import machine, prove, table
from harness.release import NAME, Release

WITH_BACKUP = replace(PODS, values=(*PODS.values, HERE / "values" / "backup.yaml"))
# What people made, by database; the rest is the components' own and goes on changing.
CONTENT = {
    "airflow": ("dag_run", "task_instance", "connection", "variable", "slot_pool", "ab_user", "ab_role"),
    "mlflow": ("experiments", "runs", "metrics", "params", "registered_models", "model_versions"),
    "feast": (),
}
MODEL, CANARY = "drill", "maestro_canary"


@dataclass(frozen=True)
class Contents:
    """Rows and a checksum of each table, and the number of all tables."""

    tables: dict[str, tuple[int, str]]
    databases: dict[str, int]


@pytest.fixture(scope="module")
def release(platform: Platform) -> Release:
    platform.pods()
    WITH_BACKUP.install()
    return WITH_BACKUP


def test_what_was_lost_comes_back_as_it_was_at_the_backup(platform: Platform, release: Release) -> None:
    with release.api() as api:
        api.unpause([CANARY])
        api.trigger(CANARY, "before-backup")
        assert api.finished(CANARY, "before-backup")["state"] == "success"
        _connection(api, "before_backup")
    _register(release)
    before, versions_before = contents(release), len(versions(release, MODEL))
    began = time.monotonic()
    release.kubectl("create", "job", "--from", f"cronjob/{NAME}-postgres-backup", "drill")
    release.kubectl("wait", "job/drill", "--for=condition=Complete", "--timeout=300s")
    backup_seconds, backup_ended = time.monotonic() - began, time.monotonic()

    with release.api() as api:
        api.trigger(CANARY, "after-backup")
        assert api.finished(CANARY, "after-backup")["state"] == "success"
        _connection(api, "after_backup")
    _register(release)
    assert contents(release) != before
    lost = time.monotonic() - backup_ended

    secret = release.kubectl.secret("e2e-environment")
    began = time.monotonic()
    platform.remove(release)
    removed = time.monotonic() - began
    began = time.monotonic()
    release.prepare()
    release.kubectl.apply(_secret("e2e-environment", secret))
    release.install()
    installed = time.monotonic() - began
    assert restore(release, "latest", "drill")
    restored = time.monotonic() - began

    assert contents(release) == before
    assert len(versions(release, MODEL)) == versions_before
    release.kubectl.exec(
        f"deployment/{NAME}-airflow-scheduler", "airflow", "db", "check-migrations", "--migration-wait-timeout", "1",
        container="scheduler",
    )  # fmt: skip
    with release.api() as api:
        assert "before_backup" in _connections(api)
        assert "after_backup" not in _connections(api)
        api.trigger(CANARY, "after-restore")
        assert api.finished(CANARY, "after-restore")["state"] == "success"
    ready = time.monotonic() - began
    prove(
        "drill",
        "Backup and restore",
        machine(),
        "Everything deleted, namespaces and volumes too; installed again, restored from the bucket, compared: "
        f"{len(before.tables)} tables equal in rows and content.",
        table(
            ("what", "seconds"),
            [
                ("backup of three databases into the bucket", backup_seconds),
                (
                    "what was made between the backup and the loss, and is gone (RPO: the time since the last backup)",
                    lost,
                ),
                ("deleting everything", removed),
                ("installed again, empty", installed),
                ("... and restored", restored),
                ("... and a new run has succeeded (RTO)", ready),
            ],
        ),
    )


@pytest.mark.parametrize(("name", "damage"), [("20990101T000000Z", "truncated"), ("20990102T000000Z", "foreign")])
def test_a_damaged_backup_is_refused_before_anything_is_dropped(
    platform: Platform, release: Release, name: str, damage: str
) -> None:
    good = max(key for key in platform.store.keys("backup/202") if key.endswith("airflow.dump")).rsplit("/", 1)[0]
    files = {key.rsplit("/", 1)[1]: platform.store.read(key) for key in platform.store.keys(f"{good}/")}
    if damage == "truncated":
        files["airflow.dump"] = files["airflow.dump"][: len(files["airflow.dump"]) // 2]
    else:
        # Another database's dump under the right name, with the right checksum.
        files["airflow.dump"] = files["mlflow.dump"]
        sums = [f"{hashlib.sha256(body).hexdigest()}  {file}" for file, body in files.items() if file.endswith(".dump")]
        files["SHA256SUMS"] = "\n".join([*sums, ""]).encode()
    for file, body in files.items():
        platform.store.write(f"backup/{name}/{file}", body)
    before = contents(release)
    assert not restore(release, name, damage)
    assert contents(release) == before


def contents(release: Release) -> Contents:
    """Return what the databases hold; for Feast all its tables."""
    tables: dict[str, tuple[int, str]] = {}
    databases = {}
    for database, names in CONTENT.items():
        every = _sql(
            release, database, "select table_name from information_schema.tables where table_schema = 'public'"
        )
        databases[database] = len(every)
        for name in names or every:
            query = (
                f"select count(*), coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') from {name} t"
            )
            [(count, checksum)] = [row.split("|") for row in _sql(release, database, query)]
            tables[f"{database}.{name}"] = int(count), checksum
    return Contents(tables, databases)


def restore(release: Release, backup: str, request: str) -> bool:
    """Restore as docs/runbooks/restore-postgres.md has it: Airflow stopped, the Job, everything started.

    Return whether it was restored.
    """
    values = [word for file in release.values for word in ("--values", str(file))]
    stopped = [f"--set=airflow.{part}.replicas=0" for part in ("scheduler", "apiServer", "dagProcessor", "triggerer")]
    wanted = [
        f"--set-string=postgres.restore.{key}={value}" for key, value in (("backup", backup), ("request", request))
    ]
    # Not --wait: a refused restore would only time out.
    release.helm("upgrade", NAME, str(release.chart), *values, *stopped, *wanted, "--set=postgres.restore.enabled=true")
    [job] = release.kubectl.items("jobs", "--selector", "app.kubernetes.io/component=restore")

    def ended() -> set[str]:
        conditions = release.kubectl.get("job", job["metadata"]["name"])["status"].get("conditions", [])
        return {each["type"] for each in conditions} & {"Complete", "Failed"}

    try:
        return "Complete" in wait_until(ended, "the restore to end", seconds=300)
    finally:
        release.install()


def _sql(release: Release, database: str, query: str) -> list[str]:
    return release.kubectl.exec(
        f"{NAME}-postgres-0", "psql", "-U", "postgres", "-d", database, "-Atc", query
    ).splitlines()


def _register(release: Release) -> None:
    from mlflow import MlflowClient

    with release.mlflow() as url:
        client = MlflowClient(tracking_uri=url)
        if not client.search_registered_models(f"name='{MODEL}'"):
            client.create_registered_model(MODEL)
        client.create_model_version(MODEL, "s3://maestro/mlflow/drill")


def _connection(api: AirflowApi, name: str) -> None:
    api.call("POST", "/connections", {"connection_id": name, "conn_type": "http", "password": "kept"})


def _connections(api: AirflowApi) -> set[str]:
    return {each["connection_id"] for each in api.call("GET", "/connections")["connections"]}


def _secret(name: str, data: dict[str, str]) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
