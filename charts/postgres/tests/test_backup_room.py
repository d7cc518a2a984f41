"""Backups on a volume without room for all of them. With a real PostgreSQL and a real small volume."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from backup_script import FILES, ask, backup, backups, grow

NIGHTS = 12


@pytest.fixture
def volume(tmp_path):
    """Provide a volume of 4 MiB. Mounting one needs root, as CI has it in its container."""
    if os.geteuid():
        pytest.skip("a small volume can be mounted by root only")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def rows(environment, folder, name="airflow"):
    """Return how many rows of filler the newest backup of this folder holds, after checking it."""
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
