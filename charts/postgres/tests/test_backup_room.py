"""Backups where something is short: room, a database, time. With a real PostgreSQL and a real small volume."""

import datetime
import os
import re
import subprocess
from pathlib import Path

import pytest

FILES = Path(__file__).parents[1] / "files"
NAMES = ("airflow", "feast")
NIGHTS = 12


@pytest.fixture(scope="module")
def server(start_postgres, tmp_path_factory):
    passwords = tmp_path_factory.mktemp("passwords")
    for name in ("postgres", *NAMES, "later"):
        (passwords / f"{name}-password").write_text(name)
    with start_postgres("postgres") as (login, folder):
        environment = login | {"DATABASES": " ".join(NAMES), "PASSWORD_DIR": str(passwords), "RETENTION": "7"}
        subprocess.run(["bash", FILES / "databases.sh"], env=environment | {"PGHOST": str(folder)}, check=True)
        yield environment


@pytest.fixture
def environment(server):
    """The server's environment; both databases hold a table of a few rows."""
    for name in NAMES:
        ask(server, name, "DROP TABLE IF EXISTS filler, rows; CREATE TABLE rows AS SELECT generate_series(1, 9) AS i")
    ask(server, "postgres", "DELETE FROM maestro_backups")
    return server


@pytest.fixture
def volume(tmp_path):
    """A volume of 4 MiB. Mounting one needs root, as CI has it in its container."""
    if os.geteuid():
        pytest.skip("a small volume can be mounted by root only")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def ask(environment, database, query):
    done = subprocess.run(
        ["psql", "-v", "ON_ERROR_STOP=1", "-qtAXc", query, "-d", database],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def grow(environment, kilobytes, name="airflow"):
    """Adds about so much to a dump of the database: a kilobyte of random bytes, which gets no smaller, a row."""
    rows = "SELECT encode(string_agg(uuid_send(gen_random_uuid()), ''), 'base64') FROM generate_series(1, {}), "
    query = rows.format(63) + f"generate_series(1, {kilobytes}) AS row GROUP BY row"
    ask(environment, name, f"CREATE TABLE IF NOT EXISTS filler (text text); INSERT INTO filler {query}")


def backup(environment, folder, *arguments, code=0, **changes):
    done = subprocess.run(
        ["bash", FILES / "backup.sh", *arguments],
        env=environment | {"BACKUP_DIR": str(folder)} | changes,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def backups(folder):
    return sorted(path.name for path in folder.iterdir())


def rows(environment, folder, name="airflow"):
    """How many rows of filler the newest backup of this folder holds, after checking it."""
    newest = folder / backups(folder)[-1]
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=newest, check=True)
    data = subprocess.run(
        ["pg_restore", "--data-only", "--table=filler", "--file=-", newest / f"{name}.dump"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return len(re.findall(r"^[A-Za-z0-9+/]{60,}", data, re.MULTILINE))


def stamp(**ago):
    return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(**ago)).strftime("%Y%m%dT%H%M%SZ")


@pytest.mark.parametrize("kilobytes", [300, 700, 1100, 1700])
def test_every_night_has_its_backup_on_a_volume_that_fills_up(environment, volume, kilobytes):
    grow(environment, kilobytes)
    for night in range(NIGHTS):
        grow(environment, 1)
        said = backup(environment, volume)
        assert rows(environment, volume) == kilobytes + night + 1
    assert 1 < len(backups(volume)) < 13
    assert all(name[0] == "2" for name in backups(volume))
    assert ("not for postgres.backup.retention 7" in said) == (kilobytes > 500)


def test_the_newest_backup_is_of_the_last_night_that_could_fit(environment, volume):
    fitted = 0
    for night in range(1, NIGHTS + 1):
        grow(environment, 250)
        before = backups(volume)
        # Beside the last good one, of the night before, there must be room for the new one.
        if night * 250 + fitted < 3800:
            backup(environment, volume)
            fitted = night * 250
        else:
            said = backup(environment, volume, code=2)
            assert "enlarge postgres.backup.persistence.size" in said
            assert "FAILED for airflow" in said
            assert set(before) - set(backups(volume)) <= set(before[:-7])
    newest = max(path for path in volume.iterdir() if (path / "airflow.dump").exists())
    assert fitted > 1500
    assert abs((newest / "airflow.dump").stat().st_size / 1024 - fitted) < 0.2 * fitted


def test_nothing_is_deleted_while_there_is_room_for_the_next_dump(environment, volume):
    grow(environment, 300)
    for _ in range(5):
        assert "deleted" not in backup(environment, volume)
    assert len(backups(volume)) == 5


COUNTED = """#!/bin/sh
# Says that it was called.
echo "$*" >> {log}
exec {pg_dump} "$@"
"""


def test_room_is_made_before_a_dump_is_written_so_that_it_is_written_once(environment, volume, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bin")
    real = next(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    (folder / "pg_dump").write_text(COUNTED.format(log=folder / "log", pg_dump=real))
    (folder / "pg_dump").chmod(0o755)
    grow(environment, 1100)
    nights = 5
    for _ in range(nights):
        backup(environment, volume, PATH=f"{folder}:{environment['PATH']}")
    assert len(backups(volume)) < nights
    assert (folder / "log").read_text().count("--dbname=airflow") == nights


def test_nothing_is_deleted_for_a_dump_that_would_not_fit_anyway(environment, volume):
    grow(environment, 400)
    for _ in range(3):
        backup(environment, volume)
    before = backups(volume)
    grow(environment, 5000)
    assert "FAILED for airflow" in backup(environment, volume, code=2)
    assert set(before) < set(backups(volume))


def test_a_damaged_backup_is_not_taken_for_the_last_good_one(environment, volume):
    grow(environment, 1500)
    for _ in range(2):
        backup(environment, volume)
    good, damaged = (volume / name for name in backups(volume))
    with (damaged / "airflow.dump").open("r+b") as dump:
        dump.seek(1000)
        dump.write(b"damage")
    grow(environment, 2)
    backup(environment, volume)
    assert good.exists()
    assert not (damaged / "airflow.dump").exists()
    assert rows(environment, volume) == 1502


def test_a_database_that_cannot_be_dumped_costs_only_its_own_dump(environment, tmp_path):
    said = backup(environment, tmp_path, code=2, DATABASES="airflow nowhere feast")
    assert "FAILED for nowhere; " in said
    (folder,) = tmp_path.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "airflow.dump", "feast.dump"]


def test_where_no_database_can_be_dumped_nothing_is_left(environment, tmp_path):
    assert "FAILED for all: nowhere neither" in backup(environment, tmp_path, code=1, DATABASES="nowhere neither")
    assert backups(tmp_path) == []


def test_a_database_that_cannot_be_dumped_any_more_keeps_its_dumps_and_takes_no_room_from_others(environment, volume):
    grow(environment, 1100)
    for _ in range(2):
        backup(environment, volume, RETENTION="2")
    whole = backups(volume)
    ask(environment, "postgres", "ALTER DATABASE feast ALLOW_CONNECTIONS false")
    try:
        for night in range(4):
            grow(environment, 1)
            backup(environment, volume, code=2, RETENTION="2")
            assert rows(environment, volume) == 1101 + night
    finally:
        ask(environment, "postgres", "ALTER DATABASE feast ALLOW_CONNECTIONS true")
    assert backups(volume)[:2] == whole
    assert [path.name for name in whole for path in sorted((volume / name).iterdir())] == [
        "SHA256SUMS",
        "feast.dump",
    ] * 2
    wanted = {"BACKUP_DIR": str(volume), "BACKUP": "latest", "DATABASES": "feast", "REQUEST": str(volume)}
    restored = subprocess.run(
        ["bash", FILES / "restore.sh"], env=environment | wanted, capture_output=True, text=True, check=True
    )
    assert f"feast is the one of {whole[1]}," in restored.stdout
    for _ in range(2):
        backup(environment, volume, RETENTION="2")
    assert len(backups(volume)) == 2


def test_dumps_of_a_database_that_is_not_wanted_any_more_stay_until_their_room_is_needed(environment, volume):
    grow(environment, 700)
    for _ in range(2):
        backup(environment, volume)
    airflows = {path: path.stat().st_size for path in volume.glob("*/airflow.dump")}
    for _ in range(3):
        backup(environment, volume, DATABASES="feast", RETENTION="2")
    assert all(path.exists() for path in airflows)
    grow(environment, 2800, "feast")
    backup(environment, volume, DATABASES="feast", RETENTION="2")
    assert [path.exists() for path in sorted(airflows)] == [False, True]


def test_the_latest_backup_to_restore_is_the_newest_that_holds_what_is_wanted(environment, tmp_path):
    backup(environment, tmp_path)
    ask(environment, "airflow", "INSERT INTO rows SELECT 1 FROM generate_series(1, 11)")
    backup(environment, tmp_path, code=2, DATABASES="airflow nowhere")
    whole, partial = backups(tmp_path)
    wanted = {"BACKUP_DIR": str(tmp_path), "BACKUP": "latest", "REQUEST": tmp_path.name}
    for databases, name in (("airflow feast", whole), ("airflow", partial)):
        done = subprocess.run(
            ["bash", FILES / "restore.sh"],
            env=environment | wanted | {"DATABASES": databases, "REQUEST": f"{tmp_path}{databases}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"airflow is the one of {name}," in done.stdout
    assert ask(environment, "airflow", "SELECT count(*) FROM rows") == "20"


def test_an_unfinished_backup_is_deleted_only_when_nobody_can_be_writing_it(environment, tmp_path):
    young, old = f".incomplete-{stamp(minutes=50)}", f".incomplete-{stamp(minutes=70)}"
    mine, strange = f".incomplete-{stamp(minutes=5)}", ".incomplete-of-somebody"
    for name in (young, old, mine, strange):
        (tmp_path / name).mkdir()
    (tmp_path / young / "job").write_text("backup-now\n")
    (tmp_path / mine / "job").write_text("nightly\n")
    backup(environment, tmp_path, JOB="nightly", DEADLINE="3600")
    assert backups(tmp_path)[:-1] == sorted([young, strange])


def test_two_backups_at_once_both_succeed(environment, tmp_path):
    command = ["bash", FILES / "backup.sh"]
    both = [
        subprocess.Popen(command, env=environment | {"BACKUP_DIR": str(tmp_path), "JOB": job}) for job in ("a", "b")
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(backups(tmp_path)) == 2
    assert all((path / "SHA256SUMS").read_text().count(".dump") == 2 for path in tmp_path.iterdir())


LIE = """#!/bin/sh
# Dumps all but one table and says nothing.
exec {pg_dump} --exclude-table=rows "$@"
"""
CUT = """#!/bin/sh
# Loses the end of the file, as a file system may.
{pg_dump} "$@" || exit
for file in "$@"; do case $file in --file=*) truncate --size=-200 "${{file#--file=}}";; esac; done
"""


@pytest.mark.parametrize(
    ("pretended", "words"), [(LIE, "the dump of airflow lacks 2 of its objects"), (CUT, "could not")]
)
def test_a_dump_that_is_not_whole_is_no_backup(environment, tmp_path, pretended, words):
    folder = tmp_path / "bin"
    folder.mkdir()
    real = next(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    (folder / "pg_dump").write_text(pretended.format(pg_dump=real))
    (folder / "pg_dump").chmod(0o755)
    grow(environment, 50)
    target = tmp_path / "backups"
    target.mkdir()
    said = backup(environment, target, code=1, PATH=f"{folder}:{environment['PATH']}")
    assert words in said
    assert backups(target) == []


def test_what_can_be_in_a_database_is_no_reason_to_fail(environment, tmp_path):
    ask(
        environment,
        "airflow",
        'CREATE SCHEMA "odd one"; CREATE TABLE "odd one"."TABLE DATA x" (id int GENERATED ALWAYS AS IDENTITY);'
        "CREATE TABLE parts (i int) PARTITION BY RANGE (i);"
        "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (1) TO (9);"
        "CREATE VIEW seen AS SELECT * FROM rows; CREATE MATERIALIZED VIEW kept AS SELECT * FROM rows WITH NO DATA;"
        "CREATE UNLOGGED TABLE light (i serial)",
    )
    try:
        backup(environment, tmp_path)
    finally:
        ask(
            environment,
            "airflow",
            'DROP SCHEMA "odd one" CASCADE; DROP TABLE parts, light; DROP VIEW seen; DROP MATERIALIZED VIEW kept',
        )


def recorded(environment):
    return ask(
        environment,
        "postgres",
        "SELECT database, started <= finished, started < failed FROM maestro_backups ORDER BY 1",
    )


def test_start_and_end_of_each_database_are_recorded(environment, tmp_path):
    backup(environment, tmp_path, code=2, DATABASES="airflow nowhere")
    assert recorded(environment).splitlines() == ["airflow|t|", "nowhere||t"]


def test_with_an_upload_to_follow_the_end_is_recorded_after_it(environment, tmp_path):
    backup(environment, tmp_path, UPLOAD_FOLLOWS="true", DATABASES="airflow nowhere")
    assert recorded(environment).splitlines() == ["airflow||", "nowhere||t"]
    assert "FAILED for nowhere" in backup(environment, tmp_path, "record", code=2, DATABASES="airflow nowhere")
    assert recorded(environment).splitlines() == ["airflow|t|", "nowhere||t"]


def test_there_is_nothing_to_record_without_a_backup(environment, tmp_path):
    assert "there is no backup" in backup(environment, tmp_path, "record", code=1)
    assert recorded(environment) == ""


def test_a_database_that_is_added_later_is_made(environment):
    environment = environment | {"DATABASES": "airflow feast later"}
    subprocess.run(["bash", FILES / "databases.sh"], env=environment, check=True)
    assert ask(environment | {"PGUSER": "later", "PGPASSWORD": "later"}, "later", "SELECT 1") == "1"
    assert ask(environment, "airflow", "SELECT count(*) FROM rows") == "9"


def test_what_cannot_be_recorded_stops_no_backup(environment, tmp_path):
    ask(environment, "postgres", "ALTER TABLE maestro_backups RENAME TO away")
    try:
        assert "could not be recorded" in backup(environment, tmp_path)
    finally:
        ask(environment, "postgres", "ALTER TABLE away RENAME TO maestro_backups")
    assert len(backups(tmp_path)) == 1
