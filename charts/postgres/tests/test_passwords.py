"""Any printable password of a file becomes the role's, as it is; a real PostgreSQL says so."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

SCRIPT = Path(__file__).parents[1] / "files" / "databases.sh"
PASSWORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def server(start_postgres, tmp_path_factory):
    passwords = tmp_path_factory.mktemp("passwords")
    (passwords / "postgres-password").write_text("owner")
    with start_postgres("owner") as (login, folder):
        environment = login | {"DATABASES": "airflow", "PASSWORD_DIR": str(passwords)}
        yield environment, folder, passwords / "airflow-password"


@example(password="-starts")
@example(password="--help")
@example(password="it's")
@example(password='a"b')
@example(password=":'file'")
@example(password="\\q")
@example(password="$(id)`id`")
@example(password=" blanks ")
@settings(max_examples=15, deadline=None)
@given(password=PASSWORDS)
def test_a_role_has_the_password_of_its_file(server, password):
    environment, folder, file = server
    file.write_text(password)
    script = ["bash", SCRIPT]
    subprocess.run(script, env=environment | {"PGHOST": str(folder)}, check=True, capture_output=True)

    def enters(word):
        login = environment | {"PGUSER": "airflow", "PGPASSWORD": word, "PGDATABASE": "airflow"}
        return subprocess.run(["psql", "-Xc", "select 1"], env=login, capture_output=True, check=False).returncode == 0

    assert enters(password)
    assert not enters(f"{password}x")
