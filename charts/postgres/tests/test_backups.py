"""Backups where a database cannot be dumped or a dump is not whole, and what is recorded of them."""

import subprocess
from pathlib import Path

import pytest
from backup_script import FILES, ask, backup, backups, grow, stamp


def test_a_database_that_cannot_be_dumped_costs_only_its_own_dump(environment, tmp_path):
    said = backup(environment, tmp_path, code=2, DATABASES="airflow nowhere feast")
    assert "FAILED for nowhere; " in said
    (folder,) = tmp_path.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "airflow.dump", "feast.dump"]


def test_where_no_database_can_be_dumped_nothing_is_left(environment, tmp_path):
    assert "FAILED for all: nowhere neither" in backup(environment, tmp_path, code=1, DATABASES="nowhere neither")
    assert backups(tmp_path) == []


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
    assert [process.wait(300) for process in both] == [0, 0]
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
