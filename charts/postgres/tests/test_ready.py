"""The readiness probe against a real PostgreSQL and a real small volume: its verdict, and what it sends."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

FILES = Path(__file__).parents[1] / "files"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(start_postgres, tmp_path_factory):
    passwords = tmp_path_factory.mktemp("passwords")
    for name in ("postgres", "airflow", "feast"):
        (passwords / f"{name}-password").write_text(name)
    with start_postgres("postgres") as (login, folder):
        environment = login | {"DATABASES": "airflow feast", "PASSWORD_DIR": str(passwords), "BACKUPS": "true"}
        subprocess.run(["bash", FILES / "databases.sh"], env=environment | {"PGHOST": str(folder)}, check=True)
        yield environment


@pytest.fixture
def volume(tmp_path):
    """Provide a data volume of 128 MiB with the folder PGDATA names."""
    if os.geteuid():
        pytest.skip("a small volume can be mounted by root only")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", tmp_path], check=True)
    (tmp_path / "pgdata").mkdir()
    yield tmp_path
    subprocess.run(["mount", "-o", "remount,rw", tmp_path], check=True)
    subprocess.run(["umount", tmp_path], check=True)


@pytest.fixture
def probe(server, volume, exporter):
    address, received = exporter

    def run(**changes):
        environment = server | address | {"PGDATA": str(volume / "pgdata")} | changes
        done = subprocess.run(
            ["bash", FILES / "ready.sh"], env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr, received()

    return run


def ask(server, query):
    subprocess.run(["psql", "-v", "ON_ERROR_STOP=1", "-qXc", query, "-d", "postgres"], env=server, check=True)


def values(lines):
    return {name: float(value) for name, value in (re.fullmatch(r"(\S+):(\S+)\|[cg]", line).groups() for line in lines)}


def test_a_server_with_room_is_ready(probe):
    assert probe()[:2] == (0, "")


def test_it_sends_the_metrics_of_the_mapping_and_only_those(probe, sent_by):
    _, _, lines = probe()
    known = sent_by("charts/postgres/files/ready.sh")
    assert {re.split("[,:]", line)[0] for line in lines} == known.keys()
    kinds = {"counter": "c", "gauge": "g"}
    for line in lines:
        entry = known[re.split("[,:]", line)[0]]
        assert line.endswith(f"|{kinds[entry['type']]}")
        assert re.findall(r",(\w+)=", line) == entry["labels"]


def test_a_full_volume_makes_it_unready_and_is_reported(probe, volume):
    assert values(probe()[2])["maestro.postgres.volume_free_ratio"] > 0.99
    (volume / "filler").write_bytes(b"0" * 100 * MEBIBYTE)
    code, said, lines = probe()
    assert (code, "the volume is full: 28 MiB are left" in said) == (1, True), said
    sent = values(lines)
    assert 0.2 < sent["maestro.postgres.volume_free_ratio"] < 0.23
    assert sent["maestro.postgres.heartbeat"] == 1
    (volume / "filler").unlink()
    assert probe()[0] == 0


def test_a_volume_that_takes_no_writes_makes_it_unready(probe, volume):
    subprocess.run(["mount", "-o", "remount,ro", volume], check=True)
    code, said, _ = probe()
    assert (code, "the volume cannot be written to" in said) == (1, True), said


def test_it_leaves_nothing_on_the_volume(probe, volume):
    probe()
    assert [path.name for path in volume.iterdir()] == ["pgdata"]


def test_a_server_that_does_not_answer_has_no_heartbeat(probe):
    code, said, lines = probe(PGPORT="1")
    assert (code, "the server does not answer" in said) == (1, True), said
    assert list(values(lines)) == ["maestro.postgres.volume_free_ratio"]


@pytest.mark.parametrize(
    ("record", "age", "failed"),
    [
        ("", 0, 0),
        ("(database, started, finished) VALUES ('feast', now() - interval '30 h', now() - interval '29 h')", 29, 0),
        ("(database, started) VALUES ('feast', now() - interval '30 min')", 0, 0),
        ("(database, started) VALUES ('feast', now() - interval '2 h')", 0, 1),
        ("(database, started, failed) VALUES ('feast', now(), now())", 0, 1),
        (
            "(database, started, finished, failed) "
            "VALUES ('feast', now() - interval '2 h', now() - interval '1 h', now() - interval '2 h')",
            1,
            0,
        ),
    ],
    ids=["never", "long ago", "running", "killed", "failed", "failed and done again"],
)
def test_age_and_failure_of_the_backups_come_from_what_was_recorded(server, probe, record, age, failed):
    ask(server, "DELETE FROM maestro_backups")
    if record:
        ask(server, f"INSERT INTO maestro_backups {record}")
    sent = values(probe()[2])
    assert abs(sent["maestro.postgres.backup_age_seconds,database=feast"] - age * 3600) < 300
    assert sent["maestro.postgres.backup_failed,database=feast"] == failed
    assert sent["maestro.postgres.backup_failed,database=airflow"] == 0


def test_a_backup_that_was_made_is_young(server, probe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backups")
    ask(
        server,
        "INSERT INTO maestro_backups VALUES ('airflow', now() - interval '9 d', now() - interval '9 d') "
        "ON CONFLICT DO NOTHING",
    )
    backup = server | {"BACKUP_DIR": str(folder), "RETENTION": "1"}
    subprocess.run(["bash", FILES / "backup.sh"], env=backup, check=True)
    sent = values(probe()[2])
    assert sent["maestro.postgres.backup_age_seconds,database=airflow"] < 60


@pytest.fixture
def certificate():
    """Provide a file that the server, which is another user, can look at."""
    with tempfile.TemporaryDirectory(prefix="maestro-certificate-") as name:
        Path(name).chmod(0o755)
        (Path(name) / "tls.crt").write_text("a certificate")
        yield Path(name) / "tls.crt"


def test_a_renewed_certificate_is_read_once_and_no_other_probe_reloads(server, probe, certificate):

    def loaded():
        done = subprocess.run(
            ["psql", "-qtAXc", "SELECT pg_conf_load_time()", "-d", "postgres"],
            env=server, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def reloaded(**changes):
        before = loaded()
        probe(**changes)
        ends = time.monotonic() + (10 if changes else 1)
        while loaded() == before and time.monotonic() < ends:
            time.sleep(0.1)
        return loaded() != before

    os.utime(certificate, (time.time() + 2, time.time() + 2))
    assert not reloaded()
    assert reloaded(CERTIFICATE=str(certificate))
    time.sleep(2)
    os.utime(certificate, (time.time() - 600, time.time() - 600))
    before = loaded()
    probe(CERTIFICATE=str(certificate))
    time.sleep(0.5)
    assert loaded() == before


def test_nothing_is_sent_of_backups_where_there_are_none(probe):
    assert not [name for name in values(probe(BACKUPS="")[2]) if "backup" in name]


def test_an_exporter_that_is_not_there_changes_no_verdict(probe):
    assert probe(STATSD_HOST="nowhere.invalid")[0] == 0
    assert probe(STATSD_HOST="")[0] == 0


NEVER_SENT = """#!/bin/sh
# Sends for longer than a test may take, as where a name server does not answer; runs scripts as they are.
case $1 in -c) exec sleep 900;; esac
exec /bin/bash "$@"
"""


def test_sending_that_would_never_end_is_given_up_and_changes_no_verdict(server, probe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bin")
    (folder / "bash").write_text(NEVER_SENT)
    (folder / "bash").chmod(0o755)
    assert probe(PATH=f"{folder}:{server['PATH']}") == (0, "", [])
