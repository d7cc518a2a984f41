"""`helm test` asks the metadata database for its one schema version, in a real PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from postgres_server import running_postgres

SCRIPT = Path(__file__).parents[2] / "files" / "tests" / "database.py"


@pytest.fixture(scope="module")
def database():
    with running_postgres() as url:
        yield url.replace("+psycopg", "+psycopg2")


@pytest.mark.parametrize(("versions", "exit_code"), [(["a1"], 0), ([], 1), (["a1", "b2"], 1)])
def test_there_is_one_schema_version(database, versions, exit_code):
    with psycopg2.connect(database.replace("+psycopg2", "")) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS alembic_version; CREATE TABLE alembic_version (version_num text)")
        for version in versions:
            cursor.execute("INSERT INTO alembic_version VALUES (%s)", (version,))
    connection.close()
    environment = os.environ | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database}
    done = subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    assert ("one schema version expected" in done.stderr) == bool(exit_code)
    assert all(version in done.stdout for version in versions)
