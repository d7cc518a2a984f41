"""The probes of the Airflow image against a real Celery worker and a real PostgreSQL: verdicts and cost."""

import importlib.util
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from airflow.utils.net import get_host_ip_address, getfqdn
from composition import ROOT

from maestro_ml.airflow.pod_address import ipv6_address

PROBES = ROOT / "ci/images/probes"
# The official exec probes cost about six.
CPU_SECONDS_ALLOWED = 0.5


def program(name: str) -> str:
    path = os.pathsep.join([os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    found = shutil.which(name, path=path)
    if not found:
        pytest.skip(f"{name} is not installed: the probe was not tried against the real thing")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not start in time"
        time.sleep(0.2)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(script: str, *arguments: str, **environment: str) -> tuple[int, str, float]:
    """Exit code, output and CPU-seconds of a probe."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, PROBES / script, *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """URL of a Redis with a password that needs escaping."""
    port = free_port()
    command = [program("redis-server"), "--port", str(port), "--save", "", "--requirepass", "s%cret"]
    server = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    wait_for(lambda: answers(port))
    yield f"redis://:s%25cret@127.0.0.1:{port}/3"
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def worker(broker, tmp_path_factory):
    """The Celery application of a running worker that consumes `default` and `heavy`."""
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


def ask_worker(broker: str) -> tuple[int, str, float]:
    return run("celery_queues.py", AIRFLOW__CELERY__BROKER_URL=broker, MAESTRO_PROBE_REPLY_SECONDS="5")


def test_a_worker_that_consumes_is_alive_and_asking_is_cheap(broker, worker):
    code, output, cpu = ask_worker(broker)
    assert (code, "consumes default, heavy" in output) == (0, True), output
    assert cpu < CPU_SECONDS_ALLOWED


@pytest.fixture
def exporter():
    """Airflow's settings of a StatsD exporter, and the lines it got."""
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


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """URL of a PostgreSQL with the part of Airflow's job table that the probe reads."""
    initdb, server = program("initdb"), program("postgres")
    folder, port = tmp_path_factory.mktemp("postgres"), free_port()
    user = {"user": "postgres"} if os.getuid() == 0 else {}
    for parent in (folder, *folder.parents[:3]):
        if parent.stat().st_uid == os.getuid():
            parent.chmod(0o755)
    if user:
        shutil.chown(folder, "postgres")
    subprocess.run(
        [initdb, "-D", folder / "data", "-A", "trust", "-U", "airflow"],
        **user,
        check=True,
        capture_output=True,
        cwd=folder,
    )
    command = [server, "-D", folder / "data", "-p", str(port), "-k", folder]
    process = subprocess.Popen(command, **user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    import psycopg

    url = f"postgresql://airflow@127.0.0.1:{port}/postgres"

    def connects() -> bool:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_for(connects)
    with psycopg.connect(url) as connection:
        connection.execute("create table job (job_type text, hostname text, state text, latest_heartbeat timestamptz)")
    yield url
    process.terminate()
    process.wait()


@pytest.fixture
def job(database):
    """Writes one row of the job table, as Airflow does, for this host or another; the table is empty afterwards."""
    import psycopg
    from airflow.utils.net import get_hostname

    def write(job_type: str, *, age: int, hostname: str | None = None, state: str = "running") -> None:
        with psycopg.connect(database) as connection:
            row = (job_type, hostname or get_hostname(), state, age)
            connection.execute("insert into job values (%s, %s, %s, now() - make_interval(secs => %s))", row)

    yield write
    with psycopg.connect(database) as connection:
        connection.execute("truncate job")


def ask_heartbeat(url: str, job_type: str = "TriggererJob") -> tuple[int, str, float]:
    return run(
        "heartbeat.py",
        job_type,
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url.replace("postgresql://", "postgresql+psycopg2://"),
    )


def test_a_fresh_heartbeat_of_this_host_is_alive_and_asking_is_cheap(database, job):
    job("TriggererJob", age=5)
    code, output, cpu = ask_heartbeat(database)
    assert code == 0, output
    assert cpu < CPU_SECONDS_ALLOWED


@pytest.mark.parametrize("hostname", [get_host_ip_address, getfqdn, socket.gethostname])
def test_this_host_is_known_by_any_name_that_airflow_may_give_it(database, job, hostname):
    job("TriggererJob", age=5, hostname=hostname())
    assert ask_heartbeat(database)[0] == 0


@pytest.mark.parametrize(
    "row",
    [
        {"job_type": "TriggererJob", "age": 600},
        {"job_type": "TriggererJob", "age": 5, "hostname": "10.1.2.3"},
        {"job_type": "TriggererJob", "age": 5, "hostname": "another-pod"},
        {"job_type": "TriggererJob", "age": 5, "state": "failed"},
        {"job_type": "SchedulerJob", "age": 5},
    ],
)
def test_no_fresh_heartbeat_of_this_very_job_is_not_alive(database, job, row):
    job(**row)
    assert ask_heartbeat(database)[0] == 1


def test_without_a_database_nothing_is_restarted():
    code, output, _ = ask_heartbeat("postgresql://airflow:hidden@127.0.0.1:9/airflow")
    assert (code, "cannot judge" in output, "hidden" in output) == (0, True, False)


def test_a_host_with_an_ipv6_address_is_looked_for_by_that_in_brackets_too(monkeypatch):
    """As maestro_ml.airflow.pod_address names it."""
    spec = importlib.util.spec_from_file_location("heartbeat", PROBES / "heartbeat.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(socket, "gethostname", lambda: "::1")
    assert {"::1", "[::1]", ipv6_address()} <= set(module.hostnames())
    monkeypatch.setattr(socket, "gethostname", lambda: "127.0.0.1")
    assert not [name for name in module.hostnames() if name.startswith("[")]
