"""Any printable password reaches Redis by the script, and Feast by its configuration, as it is."""

import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st


def is_no_json(text):
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126, exclude_characters=",")
PASSWORDS = st.text(PRINTABLE, min_size=1, max_size=40).filter(is_no_json)
AWKWARD = (
    "-starts",
    "--requirepass",
    "it's",
    'a"b',
    "\\x41",
    "$(id)`id`",
    "%41",
    " blanks ",
    "#no comment",
    "$HOME ${HOME}",
)


def with_awkward(test):
    for password in AWKWARD:
        test = example(password=password)(test)
    return test


@pytest.fixture(scope="module")
def objects(render):
    secrets = {"auth__existingSecret": "secrets", "server__tokenSecret": "secrets"}
    return render("featurestore", **secrets, server__registry__existingSecret="secrets")


@pytest.fixture(scope="module")
def start(objects, program, free_port):
    """Run the rendered start script with a password; gives the port, or the message of its refusal."""
    program("redis-server")
    processes = []

    def run(password):
        folder, port = Path(tempfile.mkdtemp(prefix="maestro-redis-")), free_port()
        (folder / "redis-password").write_text(password)
        for name, text in objects["ConfigMap", "r-featurestore-redis"]["data"].items():
            here = re.sub("/run/secrets/redis|/run/redis|/etc/redis|/data", str(folder), text)
            (folder / name).write_text(here + (f"port {port}\nbind 127.0.0.1\n" if name == "redis.conf" else ""))
        process = subprocess.Popen(["sh", folder / "start.sh"], stdout=-3, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return port, process

    yield run
    for process in processes:
        process.kill()
        process.wait()
        process.stderr.close()


def login(port, password):
    """Return whether Redis lets somebody in with this password."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    client = redis.Redis(port=port, password=password, retry=Retry(NoBackoff(), 0))
    for _ in range(2400):
        try:
            return client.ping()
        except redis.AuthenticationError:
            return False
        except redis.ConnectionError:
            time.sleep(0.05)
    pytest.fail("Redis did not start")


@with_awkward
@settings(max_examples=5, deadline=None)
@given(password=PASSWORDS)
def test_redis_has_the_password_of_the_secret(start, password):
    port, process = start(password)
    assert login(port, password)
    assert not login(port, f"{password}x")
    process.kill()


@pytest.mark.parametrize("password", ["a,b", "0", "1e5", "-1.5", " 12 ", "true", "NaN", '"quoted"', "[1]", "{}"])
def test_a_password_that_feast_cannot_read_is_refused_by_name(start, password):
    _, process = start(password)
    assert process.wait(120) == 1
    assert "redis-password holds a comma, or is a number" in process.stderr.read()


@with_awkward
@settings(max_examples=30, deadline=None)
@given(password=PASSWORDS)
def test_feast_reads_it_whole(objects, password, tmp_path_factory):
    pytest.importorskip("feast", reason="make install")
    from unittest import mock

    from feast.infra.online_stores.redis import RedisOnlineStore
    from feast.repo_config import load_repo_config

    folder = tmp_path_factory.mktemp("feast")
    (folder / "feature_store.yaml").write_text(objects["ConfigMap", "r-featurestore"]["data"]["feature_store.yaml"])
    registry = "postgresql+psycopg://feast@db/feast"
    environment = {"FEAST_REGISTRY": registry, "FEAST_ONLINE_STORE": f"h:6379,password={password}"}
    with mock.patch.dict("os.environ", environment):
        config = load_repo_config(folder, folder / "feature_store.yaml")
    assert config.registry.path == registry
    _, options = RedisOnlineStore._parse_connection_string(config.online_store.connection_string)
    assert options["password"] == password
