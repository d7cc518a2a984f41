"""Redis by the rendered script, and the feature server by the rendered arguments, environment and configuration."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("feast", reason="the feature server is Feast: make install")
HERE = Path(__file__).parent
TOKEN = "-token'with\"signs$(x)"
PASSWORDS = {"redis-password": 'r3dis-"quoted\\', "feast-password": "it's feast", "FEATURE_SERVER_TOKEN": TOKEN}


@pytest.fixture(scope="module")
def objects(render):
    secrets = {"auth__existingSecret": "secrets", "server__tokenSecret": "secrets"}
    return render("featurestore", **secrets, server__registry__existingSecret="secrets")


@pytest.fixture(scope="module")
def redis(objects, program, until, free_port, tmp_path_factory):
    """Provide `(port, cli)` of a Redis that the rendered script started.

    The pod's paths and its port are replaced by ours.
    """
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    (folder / "redis-password").write_text(PASSWORDS["redis-password"])
    for name, text in objects["ConfigMap", "r-featurestore-redis"]["data"].items():
        here = re.sub("/run/secrets/redis|/run/redis|/etc/redis|/data", str(folder), text)
        (folder / name).write_text(here + (f"port {port}\nbind 127.0.0.1\n" if name == "redis.conf" else ""))
    path = os.pathsep.join([str(Path(program("redis-server")).parent), os.environ["PATH"]])

    def cli(*arguments, password=PASSWORDS["redis-password"]):
        environment = {"PATH": path, "REDISCLI_AUTH": password}
        command = ["redis-cli", "-p", str(port), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.strip()

    with subprocess.Popen(["sh", folder / "start.sh"], env={"PATH": path}, stdout=subprocess.DEVNULL) as server:
        try:
            until(lambda: cli("ping") == "PONG", server)
            yield port, cli, server
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def registry(start_postgres):
    with start_postgres("postgres") as (environment, folder):
        statements = (
            f"CREATE ROLE feast LOGIN PASSWORD $${PASSWORDS['feast-password']}$$",
            "CREATE DATABASE feast OWNER feast",
        )
        for statement in statements:
            subprocess.run(["psql", "-qXc", statement], env=environment | {"PGHOST": str(folder)}, check=True)
        yield environment["PGPORT"]


@pytest.fixture(scope="module")
def start(objects, redis, registry, free_port, tmp_path_factory):
    """Provide `start(**changed)`: the process and the URL of the rendered server, with some variables changed."""
    folder = tmp_path_factory.mktemp("feast")
    for name, text in objects["ConfigMap", "r-featurestore"]["data"].items():
        (folder / name).write_text(text)
    container = objects["Deployment", "r-featurestore"]["spec"]["template"]["spec"]["containers"][0]
    processes = []

    def run(**changed):
        port = free_port()
        ours = {
            "r-postgres:5432": f"127.0.0.1:{registry}",
            "r-featurestore-redis:6379": f"127.0.0.1:{redis[0]}",
            "/etc/feast": str(folder),
            "--chdir=/tmp": f"--chdir={folder}",
            "0.0.0.0": "127.0.0.1",
            "6566": str(port),
        }

        def here(text):
            for pod, mine in ours.items():
                text = text.replace(pod, mine)
            return text

        environment = dict(os.environ)
        for variable in container["env"]:
            secret = variable.get("valueFrom", {}).get("secretKeyRef")
            value = PASSWORDS[secret["key"]] if secret else here(variable["value"])
            environment[variable["name"]] = value.replace("$(REDIS_PASSWORD)", PASSWORDS["redis-password"])
        environment |= {"HOME": str(folder), **changed}
        if not processes:
            config = folder / "feature_store.yaml"
            subprocess.run([sys.executable, HERE / "feature_repo.py", config], env=environment, cwd=folder, check=True)
        command = [sys.executable, *map(here, [*container["command"][1:], *container["args"]])]
        process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process, f"http://127.0.0.1:{port}"

    yield run
    for process in processes:
        process.terminate()
        process.wait()
        process.stderr.close()


@pytest.fixture(scope="module")
def server(objects, start, until):
    process, url = start()
    container = objects["Deployment", "r-featurestore"]["spec"]["template"]["spec"]["containers"][0]
    health = container["readinessProbe"]["httpGet"]["path"]
    until(lambda: urllib.request.urlopen(f"{url}{health}", timeout=5).status == 200, process)
    return url


def call(url, body, **headers):
    """Return the status and the text of the answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=300) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


SHOWN = {"Authorization": f"Bearer {TOKEN}"}
QUESTION = {"features": ["plane_stats:delay"], "entities": {"plane_id": [7, 8]}, "full_feature_names": False}
PLANTED = {"plane_id": [7], "delay": [99.0], "event_timestamp": ["2100-01-01T00:00:00Z"]}
WRITES = {
    "/write-to-online-store": {"feature_view_name": "plane_stats", "df": PLANTED, "allow_registry_cache": True},
    "/push": {"push_source_name": "x", "df": PLANTED},
    "/materialize": {"start_ts": "2020-01-01T00:00:00", "end_ts": "2021-01-01T00:00:00"},
    "/materialize-incremental": {"end_ts": "2021-01-01T00:00:00"},
    "/chat": {"messages": []},
    "/a-route-of-tomorrow": {},
}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer "},
     {"Authorization": f"Bearer {TOKEN}x"}, {"X-Token": TOKEN}],
)  # fmt: skip
def test_nothing_is_served_without_the_token(server, headers):
    for path, body in ({"/get-online-features": QUESTION, "/v1/vector_stores": None, "/docs": None} | WRITES).items():
        assert call(f"{server}{path}", body, **headers)[0] == 401, path


def test_its_health_needs_no_token(server):
    assert call(f"{server}/health", None)[0] == 200


@pytest.mark.parametrize("path", WRITES)
def test_writes_are_refused_with_the_token_too(server, path):
    status, text = call(f"{server}{path}", WRITES[path], **SHOWN)
    assert status == 403
    assert "set featurestore.server.writes to true" in text
    for variant in (f"{path}/", f"/{path}", path.upper()):
        assert call(f"{server}{variant}", WRITES[path], **SHOWN)[0] == 403


def test_feasts_own_client_shows_the_token(server):
    from feast.permissions.auth_model import OidcClientAuthConfig
    from feast.permissions.client.http_auth_requests_wrapper import get_http_auth_requests_session

    session = get_http_auth_requests_session(OidcClientAuthConfig(type="oidc", token=TOKEN))
    assert session.post(f"{server}/get-online-features", json=QUESTION, timeout=300).status_code == 200


@pytest.mark.parametrize("token", ["", "short", "with blanks inside it", "ä" * 20])
def test_a_token_that_protects_nothing_starts_no_server(start, token):
    process, _ = start(FEATURE_SERVER_TOKEN=token)
    assert process.wait(300) == 1
    assert "FEATURE_SERVER_TOKEN must have 16 characters" in process.stderr.read()


def test_redis_refuses_without_the_password(redis):
    _, cli, _ = redis
    assert cli("ping") == "PONG"
    assert "NOAUTH" in cli("get", "anything", password="")
    assert "NOAUTH" in cli("get", "anything", password="wrong")


def test_redis_has_the_password_in_no_argument_list(redis):
    _, _, process = redis
    assert PASSWORDS["redis-password"].encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()


def test_redis_logs_every_write_and_refuses_to_forget(redis):
    _, cli, _ = redis
    assert cli("config", "get", "appendonly").split() == ["appendonly", "yes"]
    assert cli("config", "get", "maxmemory").split() == ["maxmemory", "322122547"]
    assert cli("config", "get", "maxmemory-policy").split() == ["maxmemory-policy", "noeviction"]


def test_an_empty_password_starts_no_redis(objects, tmp_path):
    script = objects["ConfigMap", "r-featurestore-redis"]["data"]["start.sh"]
    (tmp_path / "redis-password").write_text("")
    done = subprocess.run(
        ["sh", "-c", script.replace("/run/secrets/redis", str(tmp_path))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "redis-password is empty" in done.stderr


def test_the_server_answers_with_what_was_materialized(server):
    status, text = call(f"{server}/get-online-features", QUESTION, **SHOWN)
    assert status == 200
    answer = json.loads(text)
    delays = answer["results"][answer["metadata"]["feature_names"].index("delay")]
    assert delays["values"] == [2.5, None]


def test_writes_that_are_switched_on_reach_the_store(objects, server, start, render, until):
    secrets = {"auth__existingSecret": "s", "server__tokenSecret": "s", "server__registry__existingSecret": "s"}
    rendered = render("featurestore", **secrets, server__writes="true")["Deployment", "r-featurestore"]
    [writes] = [
        v["value"] for v in rendered["spec"]["template"]["spec"]["containers"][0]["env"] if v["name"] == "WRITES"
    ]
    process, url = start(WRITES=writes)
    until(lambda: urllib.request.urlopen(f"{url}/health", timeout=5).status == 200, process)
    written = WRITES["/write-to-online-store"] | {"df": PLANTED | {"plane_id": [9]}}
    assert call(f"{url}/write-to-online-store", written)[0] == 401
    assert call(f"{url}/write-to-online-store", written, **SHOWN)[0] == 200
    _, text = call(f"{server}/get-online-features", QUESTION | {"entities": {"plane_id": [9]}}, **SHOWN)
    assert [99.0] in [result["values"] for result in json.loads(text)["results"]]
