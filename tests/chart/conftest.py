"""Composition tests. Where the official chart's archive is missing they are skipped, and the run's end says so."""

import inspect
import os
from collections.abc import Iterator

import pytest
from composition import ENVIRONMENTS, RENDERS, archive_missing, loaded
from local_servers import a_port, program, started
from manifests import Manifests

# Modules of a minute or more.
LONG = (
    "test_every_value", "test_mlflow_login", "test_server", "test_empty_values", "test_examples", "test_backup_room",
    "test_backup_restore", "test_ready", "test_external_database", "test_tls", "test_new_subchart", "test_lock",
)  # fmt: skip

# Helm spends a third of its time on collecting garbage, and ends before that matters.
os.environ.setdefault("GOGC", "800")


@pytest.fixture(scope="session")
def composition() -> None:
    """Skip the test where the composition cannot be rendered."""
    if reason := archive_missing():
        pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the modules that take longest: the last one to end decides how long two workers take."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))


def pytest_generate_tests(metafunc) -> None:
    own = any("environment" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "environment" in metafunc.fixturenames and not own:
        names = ENVIRONMENTS if "environment" in inspect.signature(metafunc.function).parameters else RENDERS
        metafunc.parametrize("environment", sorted(names), indirect=True)


@pytest.fixture
def environment(request, composition) -> str:
    return request.param


@pytest.fixture(scope="session")
def free_port() -> int:
    """Provide a port that nobody listens on."""
    return a_port()


@pytest.fixture(scope="module")
def redis_port() -> Iterator[int]:
    """Provide the port of a Redis."""
    port = a_port()
    server = started([program("redis-server"), "--port", str(port), "--save", ""], port)
    yield port
    server.kill()
    server.wait()


@pytest.fixture
def manifests(environment) -> Manifests:
    """Provide the rendered objects of one environment on the newest Kubernetes."""
    return loaded(environment)


@pytest.fixture
def prod(composition) -> Manifests:
    return loaded("prod")


@pytest.fixture
def minikube(composition) -> Manifests:
    return loaded("minikube")


def pytest_terminal_summary(terminalreporter) -> None:
    if reason := archive_missing():
        terminalreporter.write_line(f"THE CHART WAS NOT TESTED AS A WHOLE: {reason}", red=True, bold=True)
