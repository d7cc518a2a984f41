"""Redis by the rendered script, and the feature server by the rendered arguments, environment and configuration."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("feast", reason="the feature server is Feast: make install")
HERE = Path(__file__).parent
PASSWORDS = {"redis-password": 'r3dis-"quoted\\', "feast-password": "it's feast"}


@pytest.fixture(scope="module")
def objects(render):
    return render("featurestore", auth__existingSecret="secrets", server__registry__existingSecret="secrets")


@pytest.fixture(scope="module")
def redis(objects, program, free_port, tmp_path_factory):
    """`(port, cli)` of a Redis that the rendered script started; the pod's paths and its port are replaced by ours."""
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


def until(condition, process, seconds=150):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the process ended"
        try:
            if answer := condition():
                return answer
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"not ready within {seconds} s")


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
def server(objects, redis, registry, free_port, tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("feast"), free_port()
    config = folder / "feature_store.yaml"
    config.write_text(objects["ConfigMap", "r-featurestore"]["data"]["feature_store.yaml"])
    container = objects["Deployment", "r-featurestore"]["spec"]["template"]["spec"]["containers"][0]
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
    environment["HOME"] = str(folder)
    subprocess.run([sys.executable, HERE / "feature_repo.py", config], env=environment, cwd=folder, check=True)
    command = [Path(sys.executable).with_name("feast"), *map(here, container["args"])]
    with subprocess.Popen(command, env=environment, cwd=folder) as process:
        try:
            health = container["readinessProbe"]["httpGet"]["path"]
            until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}{health}", timeout=5).status == 200, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


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
    question = {"features": ["plane_stats:delay"], "entities": {"plane_id": [7, 8]}, "full_feature_names": False}
    request = urllib.request.Request(
        f"{server}/get-online-features",
        data=json.dumps(question).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        answer = json.load(reply)
    delays = answer["results"][answer["metadata"]["feature_names"].index("delay")]
    assert delays["values"] == [2.5, None]
