"""Any printable password passes through the scripts that are handed one, as it is."""

import os
import re
import subprocess
import sys
from urllib.parse import quote

import psycopg2.extensions
import sqlalchemy
from composition import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st

PASSWORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
# Asks as `airflow users create` does (fab's user_command), and writes down what it was told and how it was called.
AIRFLOW = """#!{python}
import getpass, json, sys, warnings
warnings.simplefilter("ignore")
said = [getpass.getpass("Password:"), getpass.getpass("Repeat for confirmation:")]
open({calls!r}, "w").write(json.dumps([sys.argv, said]))
"""


def awkward(test):
    for password in ("-starts", "--role=Admin", "it's", 'a"b', "\\n", "$(id)`id`", "%41", " blanks ", "p@ss:w/rd?#"):
        test = example(password=password)(test)
    return test


@awkward
@settings(max_examples=15, deadline=None)
@given(password=PASSWORDS)
def test_a_user_is_made_with_the_password_of_its_secret(tmp_path_factory, password):
    import json

    folder = tmp_path_factory.mktemp("setup")
    calls = folder / "calls"
    (folder / "airflow").write_text(AIRFLOW.format(python=sys.executable, calls=str(calls)))
    (folder / "airflow").chmod(0o755)
    (folder / "password").write_text(password)
    names = {"username": "-ann", "role": "Op", "email": "a@b", "firstName": "A", "lastName": "-"}
    (folder / "users.json").write_text(json.dumps([{**names, "passwordFile": str(folder / "password")}]))
    script = (ROOT / "files/setup/setup.py").read_text().replace('Path("/setup")', f"Path({str(folder)!r})")
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True)
    words, said = json.loads(calls.read_text())
    assert said == [password, password]
    assert "--username=-ann" in words
    assert not any(password in word for word in words if len(password) > 8)


@awkward
@given(password=PASSWORDS)
def test_a_connection_string_is_read_alike_by_airflow_and_by_our_scripts(password):
    url = f"postgresql+psycopg2://airflow:{quote(password, safe='')}@db:5432/airflow"
    assert sqlalchemy.make_url(url).password == password
    for script in ("ci/images/probes/heartbeat.py", "files/tests/database.py"):
        (pattern,) = re.findall(r're\.sub\((r".*?"), "postgresql://"', (ROOT / script).read_text())
        libpq = re.sub(pattern[2:-1], "postgresql://", url)
        assert psycopg2.extensions.parse_dsn(libpq)["password"] == password


@awkward
@settings(max_examples=30, deadline=None)
@given(password=PASSWORDS)
def test_the_workers_probe_logs_in_as_celery_does(redis_port, password):
    import redis

    sys.path.insert(0, str(ROOT / "ci/images/probes"))
    from redis_wire import Redis

    admin = redis.Redis(port=redis_port)
    admin.config_set("requirepass", password)
    try:
        url = f"redis://:{quote(password, safe='')}@127.0.0.1:{redis_port}/0"
        assert redis.Redis.from_url(url).ping()
        with Redis(url, timeout=120) as probe:
            assert probe("PING") == "PONG"
    finally:
        redis.Redis(port=redis_port, password=password).config_set("requirepass", "")
