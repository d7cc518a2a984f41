"""A real cluster: whatever KUBECONFIG names. Environment:

KUBECONFIG     the cluster; without one these tests skip, with one nothing may be skipped
E2E_LOAD       a command that brings images, named behind it, to the cluster, where it cannot pull them
E2E_KEEP=1     leave the last release installed, and use it again the next time
E2E_STANDINS   base images that are not the public ones, in words: named in the proof, and the values for them are used
E2E_RECYCLE    a command that makes released volumes available again, for clusters whose volumes are static
E2E_PROOF      the file for the figures (default docs/proof.md)
E2E_IMAGES     the folder for the pictures (default docs/images)
"""

import os
from collections.abc import Iterator

import pytest
from harness.kubectl import CommandFailed, run
from harness.platform import CELERY, MINIKUBE, Platform
from harness.release import Release

# Installing takes minutes: files that need the same release stand together.
ORDER = ("images", "install", "logs", "scripts", "training_pods", "celery", "security")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.e2e)

    def place(item: pytest.Item) -> int:
        name = item.path.stem.removeprefix("test_")
        return ORDER.index(name) if name in ORDER else len(ORDER)

    items.sort(key=place)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Count what was not run as failed where there is a cluster; `-rs` prints the reasons."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("KUBECONFIG") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def cluster() -> None:
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("no cluster: KUBECONFIG is not set")
    try:
        run(["kubectl", "get", "--raw", "/readyz"], timeout=60)
    except (CommandFailed, FileNotFoundError) as error:
        pytest.fail(f"the cluster KUBECONFIG names does not answer: {error}")


@pytest.fixture(scope="session")
def platform(cluster: None) -> Iterator[Platform]:
    platform = Platform()
    yield platform
    if os.environ.get("E2E_KEEP") != "1":
        for release in (MINIKUBE, CELERY):
            platform.remove(release)
        platform.store.stop()


@pytest.fixture
def minikube(platform: Platform) -> Release:
    return platform.minikube()


@pytest.fixture
def pods(platform: Platform) -> Release:
    return platform.pods()


@pytest.fixture
def celery(platform: Platform) -> Release:
    return platform.celery()
