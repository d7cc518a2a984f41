"""A real PostgreSQL with databases to back up."""

import subprocess

import pytest
from backup_script import FILES, NAMES, ask


@pytest.fixture(scope="module")
def backed_up_server(start_postgres, tmp_path_factory):
    passwords = tmp_path_factory.mktemp("passwords")
    for name in ("postgres", *NAMES, "later"):
        (passwords / f"{name}-password").write_text(name)
    with start_postgres("postgres") as (login, folder):
        environment = login | {"DATABASES": " ".join(NAMES), "PASSWORD_DIR": str(passwords), "RETENTION": "7"}
        subprocess.run(["bash", FILES / "databases.sh"], env=environment | {"PGHOST": str(folder)}, check=True)
        yield environment


@pytest.fixture
def environment(backed_up_server):
    """Provide the server's environment; both databases hold a table of a few rows."""
    for name in NAMES:
        ask(
            backed_up_server,
            name,
            "DROP TABLE IF EXISTS filler, rows; CREATE TABLE rows AS SELECT generate_series(1, 9) AS i",
        )
    ask(backed_up_server, "postgres", "DELETE FROM maestro_backups")
    return backed_up_server
