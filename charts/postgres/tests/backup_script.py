"""The backup script called as its Job does, and what it left."""

import datetime
import subprocess
from pathlib import Path

FILES = Path(__file__).parents[1] / "files"
NAMES = ("airflow", "feast")


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
    """Add about so much to a dump of the database: a kilobyte of random bytes, which gets no smaller, a row."""
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


def stamp(**ago):
    return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(**ago)).strftime("%Y%m%dT%H%M%SZ")
