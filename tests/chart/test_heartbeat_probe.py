"""The heartbeat probe against a real PostgreSQL: verdicts and cost."""

import importlib.util
import os
import shutil
import socket
import subprocess

import pytest
from airflow.utils.net import get_host_ip_address, getfqdn
from local_servers import a_port, program
from probe_scripts import HEAVY, PROBES, run, wait_for

from maestro_ml.airflow.pod_address import ipv6_address


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Provide the URL of a PostgreSQL with the part of Airflow's job table that the probe reads."""
    initdb, server = program("initdb"), program("postgres")
    folder, port = tmp_path_factory.mktemp("postgres"), a_port()
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
    """Write one row of the job table, as Airflow does, for this host or another; the table is empty afterwards."""
    import psycopg
    from airflow.utils.net import get_hostname

    def write(job_type: str, *, age: int, hostname: str | None = None, state: str = "running") -> None:
        with psycopg.connect(database) as connection:
            row = (job_type, hostname or get_hostname(), state, age)
            connection.execute("insert into job values (%s, %s, %s, now() - make_interval(secs => %s))", row)

    yield write
    with psycopg.connect(database) as connection:
        connection.execute("truncate job")


def ask_heartbeat(url: str, job_type: str = "TriggererJob") -> tuple[int, str, set[str]]:
    return run(
        "heartbeat.py",
        job_type,
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url.replace("postgresql://", "postgresql+psycopg2://"),
    )


def test_a_fresh_heartbeat_of_this_host_is_alive_and_asking_is_cheap(database, job):
    job("TriggererJob", age=5)
    code, output, imported = ask_heartbeat(database)
    assert code == 0, output
    assert not HEAVY & imported


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
