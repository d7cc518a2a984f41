"""The scripts of the ConfigMap against a real PostgreSQL: databases made, backed up, damaged, restored."""

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

FILES = Path(__file__).parents[1] / "files"
NAMES = ("airflow", "feast", "mlflow")
PASSWORD = 'it\'s "$HOME" \\; -- :name'  # whatever breaks quoting


@pytest.fixture(scope="module")
def server(start_postgres, tmp_path_factory):
    passwords = tmp_path_factory.mktemp("passwords")
    for name in ("postgres", *NAMES):
        (passwords / f"{name}-password").write_text(f"{PASSWORD}{name}")
    with start_postgres(f"{PASSWORD}postgres") as (login, folder):
        environment = login | {"DATABASES": " ".join(NAMES), "PASSWORD_DIR": str(passwords)}
        run("databases.sh", environment | {"PGHOST": str(folder)})
        yield environment, folder


@pytest.fixture
def backups(server, tmp_path):
    """Provide a folder with one backup, of a database airflow that holds a table of 1000 rows."""
    environment, _ = server
    ask(
        environment,
        "airflow",
        "DROP TABLE IF EXISTS numbers; CREATE TABLE numbers AS SELECT generate_series(1, 1000) AS i",
    )
    run("backup.sh", environment | {"BACKUP_DIR": str(tmp_path), "RETENTION": "7"})
    return tmp_path


def run(script, environment, ok=True):
    done = subprocess.run(["bash", FILES / script], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def restore(environment, backups, request, ok=True, **changes):
    return run(
        "restore.sh", environment | {"BACKUP_DIR": str(backups), "BACKUP": "latest", "REQUEST": request} | changes, ok
    )


def ask(environment, user, query, database=None):
    """Return the answer of a query asked by a role with its own password; None where it is refused."""
    login = environment | {"PGUSER": user, "PGPASSWORD": f"{PASSWORD}{user}", "PGDATABASE": database or user}
    done = subprocess.run(
        ["psql", "-v", "ON_ERROR_STOP=1", "-qtAXc", query], env=login, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def kept(environment, name):
    """Return the databases that a restore displaced, oldest first."""
    query = f"SELECT datname FROM pg_database WHERE datname LIKE '{name}\\_before\\_restore\\_%' ORDER BY 1"
    return ask(environment, "postgres", query).split()


def only_backup(folder):
    (backup,) = folder.iterdir()
    return backup


@pytest.mark.parametrize("name", NAMES)
def test_each_role_owns_its_database_and_enters_no_other(server, name):
    environment, _ = server
    assert ask(environment, name, "CREATE TABLE mine (i int); DROP TABLE mine; SELECT 'done'") == "done"
    assert [ask(environment, name, "SELECT 1", other) for other in NAMES if other != name] == [None, None]


def test_roles_are_no_superusers(server):
    environment, _ = server
    assert ask(environment, "postgres", "SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolsuper") == "postgres"


def test_no_password_is_in_the_servers_log(server):
    _, folder = server
    log = (folder / "log").read_text()
    assert "CREATE ROLE" in log
    assert "it's" not in log
    assert "it''s" not in log


def test_a_changed_password_holds_after_the_script_ran_again(server):
    environment, folder = server
    file = Path(environment["PASSWORD_DIR"], "mlflow-password")
    file.write_text("another")
    run("databases.sh", environment | {"PGHOST": str(folder)})
    assert ask(environment, "mlflow", "SELECT 1") is None
    file.write_text(f"{PASSWORD}mlflow")
    run("databases.sh", environment | {"PGHOST": str(folder)})
    assert ask(environment, "mlflow", "SELECT 1") == "1"


def test_an_empty_password_file_is_refused(server):
    environment, folder = server
    file = Path(environment["PASSWORD_DIR"], "other-password")
    file.write_text("")
    assert "is missing or empty" in run(
        "databases.sh", environment | {"PGHOST": str(folder), "DATABASES": "other"}, ok=False
    )
    ask(environment, "postgres", "DROP DATABASE other")
    ask(environment, "postgres", "DROP ROLE other")


def test_a_backup_comes_back(server, backups):
    environment, _ = server
    ask(environment, "airflow", "DELETE FROM numbers WHERE i > 3")
    restore(environment, backups, "comes-back")
    assert ask(environment, "airflow", "SELECT count(*) FROM numbers") == "1000"
    assert ask(environment, "feast", "SELECT 1", "airflow") is None
    assert ask(environment, "airflow", "SELECT 1", kept(environment, "airflow")[-1]) is None


def test_the_same_request_runs_once(server, backups):
    environment, _ = server
    restore(environment, backups, "once")
    ask(environment, "airflow", "DELETE FROM numbers")
    assert restore(environment, backups, "once").count("already") == 3
    assert ask(environment, "airflow", "SELECT count(*) FROM numbers") == "0"
    restore(environment, backups, "twice", DATABASES="airflow")
    assert ask(environment, "airflow", "SELECT count(*) FROM numbers") == "1000"


def test_open_connections_do_not_hold_a_restore_up(server, backups):
    environment, _ = server
    login = environment | {"PGUSER": "airflow", "PGPASSWORD": f"{PASSWORD}airflow", "PGDATABASE": "airflow"}
    with subprocess.Popen(["psql", "-qXc", "SELECT pg_sleep(60)"], env=login, stderr=subprocess.DEVNULL) as client:
        while (
            ask(
                environment,
                "postgres",
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND usename = 'airflow'",
            )
            == "0"
        ):
            time.sleep(0.05)
        restore(environment, backups, "busy", DATABASES="airflow")
        assert client.wait(120) != 0


def damage_a_dump(backup):
    with (backup / "feast.dump").open("ab") as dump:
        dump.write(b"x")


def exchange_dumps(backup):
    shutil.copy(backup / "mlflow.dump", backup / "feast.dump")
    write_checksums(backup)


def write_nonsense(backup):
    (backup / "feast.dump").write_text("no dump")
    write_checksums(backup)


def lose_a_dump(backup):
    (backup / "feast.dump").unlink()
    write_checksums(backup)


def write_checksums(backup):
    subprocess.run("sha256sum -- *.dump > SHA256SUMS", shell=True, cwd=backup, check=True)


@pytest.mark.parametrize(
    ("accident", "words"),
    [
        (damage_a_dump, "is damaged"),
        (exchange_dumps, "feast.dump is of another database"),
        (write_nonsense, "feast.dump cannot be read"),
        (lose_a_dump, "holds no dump of feast"),
    ],
)
def test_a_bad_backup_changes_nothing(server, backups, accident, words):
    environment, _ = server
    accident(only_backup(backups))
    ask(environment, "airflow", "DELETE FROM numbers WHERE i > 3")
    said = restore(environment, backups, "bad", ok=False)
    assert words in said
    assert "nothing was changed" in said
    assert ask(environment, "airflow", "SELECT count(*) FROM numbers") == "3"


def test_a_backup_that_is_not_there_is_named_with_those_that_are(server, backups):
    environment, _ = server
    said = restore(environment, backups, "none", ok=False, BACKUP="20200101T000000Z")
    assert f"there is no backup '20200101T000000Z'; there are: {only_backup(backups).name}" in said


def test_a_backup_deletes_the_oldest_and_what_was_interrupted(server, backups):
    environment, _ = server
    for name in ("20200101T000000Z", "20210101T000000Z", ".incomplete-20220101T000000Z", "mine"):
        (backups / name).mkdir()
    run("backup.sh", environment | {"BACKUP_DIR": str(backups), "RETENTION": "2"})
    left = sorted(path.name for path in backups.iterdir())
    assert len(left) == 3
    assert left[-1] == "mine"
    assert all(name.startswith("202") and name > "2022" for name in left[:2])


def test_a_server_that_is_away_costs_no_backup(server, backups):
    environment, _ = server
    away = environment | {"BACKUP_DIR": str(backups), "RETENTION": "1", "PGPORT": "1"}
    assert "the server does not answer, nothing was changed" in run("backup.sh", away, ok=False)
    assert only_backup(backups).name.startswith("20")


@pytest.fixture
def two_restores(server, backups):
    """Back up Monday and Tuesday, with Wednesday live; restore Monday, then Tuesday."""
    environment, _ = server
    days = {}
    for day in ("monday", "tuesday", "wednesday"):
        ask(environment, "airflow", f"DROP TABLE IF EXISTS day; CREATE TABLE day AS SELECT '{day}' AS name")
        if day != "wednesday":
            run("backup.sh", environment | {"BACKUP_DIR": str(backups), "RETENTION": "7"})
            days[day] = max(path.name for path in backups.iterdir())
    before = kept(environment, "airflow")
    for day, name in days.items():
        restore(environment, backups, f"{day}-{name}", BACKUP=name, DATABASES="airflow")
        time.sleep(1)
    return environment, backups, days, [name for name in kept(environment, "airflow") if name not in before]


def marked(environment, database):
    login = environment | {"PGDATABASE": "postgres"}
    subprocess.run(["psql", "-qXc", f"ALTER DATABASE {database} ALLOW_CONNECTIONS true"], env=login, check=True)
    return ask(environment, "postgres", "SELECT name FROM day", database)


def test_a_second_restore_keeps_what_was_live_before_the_first(two_restores):
    environment, _, _, displaced = two_restores
    assert ask(environment, "airflow", "SELECT name FROM day") == "tuesday"
    assert [marked(environment, name) for name in displaced] == ["wednesday", "monday"]


def test_a_request_is_not_repeated_after_another_one(two_restores):
    environment, backups, days, displaced = two_restores
    said = restore(environment, backups, f"monday-{days['monday']}", BACKUP=days["monday"], DATABASES="airflow")
    assert "airflow was restored by this request already" in said
    assert ask(environment, "airflow", "SELECT name FROM day") == "tuesday"
    rows = ask(environment, "postgres", "SELECT database, displaced FROM maestro_restores ORDER BY at DESC LIMIT 2")
    assert rows.splitlines() == [f"airflow|{name}" for name in reversed(displaced)]


def test_the_way_back_in_the_runbook_works(two_restores):
    environment, _, _, displaced = two_restores
    runbook = (FILES.parents[2] / "docs/runbooks/restore-postgres.md").read_text()
    (commands,) = re.findall(r"psql -U postgres \\\n((?: +-c '.*?'.*\n)+)", runbook)
    commands = re.sub(r"airflow_before_restore_[0-9_]+", displaced[0], commands)
    statements = [part for line in re.findall(r"'(.*?)'", commands) for part in ("-c", line)]
    subprocess.run(["psql", "-v", "ON_ERROR_STOP=1", "-qX", "-d", "postgres", *statements], env=environment, check=True)
    assert ask(environment, "airflow", "SELECT name FROM day") == "wednesday"
    ask(environment, "postgres", "DROP DATABASE IF EXISTS airflow_restored")


def test_a_restore_that_fails_leaves_nothing_beside_the_live_database(server, backups):
    environment, _ = server
    ask(environment, "postgres", "ALTER ROLE airflow RENAME TO somebody")
    try:
        said = restore(environment, backups, "no-owner", ok=False, DATABASES="airflow")
    finally:
        ask(environment, "postgres", "ALTER ROLE somebody RENAME TO airflow")
        run("databases.sh", environment | {"PGHOST": str(server[1])})
    assert "does not exist" in said
    assert ask(environment, "postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_restoring'") == "0"
    assert ask(environment, "airflow", "SELECT count(*) FROM numbers") == "1000"


def test_a_name_that_leaves_no_room_for_the_displaced_one_is_refused(server, backups):
    environment, _ = server
    said = restore(environment, backups, "long", ok=False, DATABASES="a" * 33)
    assert "is longer than 32 characters" in said
