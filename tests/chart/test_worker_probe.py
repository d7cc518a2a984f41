"""The worker's probe against a real Celery worker and a real Redis: verdicts and cost."""

import socket
import subprocess
import sys

import pytest
from local_servers import a_port, program, started
from probe_scripts import HEAVY, run, wait_for


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """Provide the URL of a Redis with a password that needs escaping."""
    port = a_port()
    command = [program("redis-server"), "--port", str(port), "--save", "", "--requirepass", "s%cret"]
    server = started(command, port, cwd=tmp_path_factory.mktemp("redis"))
    yield f"redis://:s%25cret@127.0.0.1:{port}/3"
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def worker(broker, tmp_path_factory):
    """Provide the Celery application of a running worker that consumes `default` and `heavy`."""
    folder = tmp_path_factory.mktemp("celery")
    (folder / "probed.py").write_text(f"from celery import Celery\napp = Celery(broker={broker!r})\n")
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "probed",
        "worker",
        "-Q",
        "default,heavy",
        "-P",
        "solo",
        "--loglevel",
        "WARNING",
    ]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    from celery import Celery

    app = Celery(broker=broker)
    wait_for(lambda: app.control.ping(timeout=1))
    yield app
    process.terminate()
    process.wait()


def ask_worker(broker: str) -> tuple[int, str, set[str]]:
    return run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL=broker, MAESTRO_PROBE_REPLY_SECONDS="5")


def test_a_worker_that_consumes_is_alive_and_asking_is_cheap(broker, worker):
    code, output, imported = ask_worker(broker)
    assert (code, "consumes default, heavy" in output) == (0, True), output
    assert not HEAVY & imported


@pytest.fixture
def exporter():
    """Provide Airflow's settings of a StatsD exporter, and the lines it got."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.5)
        settings = {"ON": "True", "HOST": "127.0.0.1", "PORT": str(listener.getsockname()[1])}

        def received() -> list[str]:
            try:
                return listener.recv(65536).decode().splitlines()
            except TimeoutError:
                return []

        yield {f"AIRFLOW__METRICS__STATSD_{name}": value for name, value in settings.items()}, received


def test_a_worker_that_consumes_sends_a_heartbeat_for_each_queue(broker, worker, exporter):
    settings, received = exporter
    run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL=broker, MAESTRO_PROBE_REPLY_SECONDS="5", **settings)
    assert sorted(received()) == [f"maestro.worker.heartbeat,queue={queue}:1|c" for queue in ("default", "heavy")]


def test_a_broker_that_cannot_be_reached_is_counted(exporter):
    settings, received = exporter
    code, _, _ = run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL="redis://127.0.0.1:1/0", **settings)
    assert (code, received()) == (0, ["maestro.broker.unreachable:1|c"])


def test_the_exporter_is_found_in_airflows_configuration(exporter, tmp_path):
    settings, received = exporter
    (tmp_path / "airflow.cfg").write_text(
        "[metrics]\nstatsd_on = True\nstatsd_host = 127.0.0.1\n"
        f"statsd_port = {settings['AIRFLOW__METRICS__STATSD_PORT']}\n[other]\npercent = 100%\n"
    )
    run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL="redis://127.0.0.1:1/0", AIRFLOW_HOME=str(tmp_path))
    assert received() == ["maestro.broker.unreachable:1|c"]


def test_without_an_exporter_nothing_is_sent_and_nothing_fails(exporter):
    settings, received = exporter
    off = settings | {"AIRFLOW__METRICS__STATSD_ON": "False"}
    assert run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL="redis://127.0.0.1:1/0", **off)[0] == 0
    assert received() == []
    away = settings | {"AIRFLOW__METRICS__STATSD_HOST": "nowhere.invalid"}
    assert run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL="redis://127.0.0.1:1/0", **away)[0] == 0


def test_asking_leaves_nothing_in_the_broker(broker, worker):
    import redis

    client = redis.Redis.from_url(broker)
    before = set(client.keys())
    ask_worker(broker)
    assert set(client.keys()) == before


def test_a_worker_that_lives_and_consumes_nothing_is_not_alive(broker, worker):
    for queue in ("default", "heavy"):
        worker.control.cancel_consumer(queue, reply=True)
    try:
        code, output, _ = ask_worker(broker)
        assert (code, "consumes nothing" in output) == (1, True), output
    finally:
        for queue in ("default", "heavy"):
            worker.control.add_consumer(queue, reply=True)


def test_a_worker_that_does_not_answer_is_not_alive(broker):
    import redis

    other = broker.replace("/3", "/4")
    redis.Redis.from_url(other).ping()
    code, output, _ = run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL=other, MAESTRO_PROBE_REPLY_SECONDS="1")
    assert (code, "did not answer" in output) == (1, True), output


@pytest.mark.parametrize("url", ["redis://127.0.0.1:9/0", "amqp://127.0.0.1:9//"])
def test_without_a_broker_a_worker_is_not_restarted(url):
    code, output, _ = ask_worker(url)
    assert (code, "cannot judge" in output) == (0, True)


def test_a_wrong_password_is_said_and_not_shown(broker):
    code, output, _ = ask_worker(broker.replace("s%25cret", "wrong-one"))
    assert code == 0
    assert "cannot judge: the broker says WRONGPASS" in output
    assert "wrong-one" not in output
