"""The pages on this machine: only reading, only here."""

import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from maestro_ml.cli.app import run
from maestro_ml.core.errors import RequestError
from maestro_ml.pages.answers import Site
from maestro_ml.pages.server import make_server
from maestro_ml.project import load_project

PROJECT = "name: shop\ndatasets: {orders: {source: {kind: parquet, path: orders.parquet}}}\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    project = load_project(tmp_path, {})
    return Site(project, project.locate(project.store))


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    with make_server(site, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ask(port: int, method: str, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    answer = response.status, response.read(), dict(response.getheaders())
    connection.close()
    return answer


def test_a_page_is_sent_with_its_headers(port: int) -> None:
    status, body, headers = ask(port, "GET", "/datasets/orders?x=1")
    assert status == 200
    assert b"orders" in body
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_head_sends_no_body(port: int) -> None:
    status, body, headers = ask(port, "HEAD", "/")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_get_is_answered(port: int, method: str) -> None:
    status, body, headers = ask(port, method, "/")
    assert (status, body, headers["Allow"]) == (405, b"only GET", "GET, HEAD")


@pytest.mark.parametrize("path", ["/files/cli/%2e%2e/%2e%2e/x/report.html", "/../maestro.yaml", "/%00", "/..%2fx"])
def test_a_path_out_of_the_store_is_not_found(port: int, path: str) -> None:
    assert ask(port, "GET", path)[0] == 404


def test_a_name_that_is_not_this_machine_is_refused(port: int) -> None:
    assert ask(port, "GET", "/", Host="evil.example.com")[0] == 403
    assert ask(port, "GET", "/", Host=f"localhost:{port}")[0] == 200


def test_a_taken_port_is_one_clear_error(
    port: int, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RequestError, match=f"cannot listen on 127.0.0.1:{port}: .*; --port names another port"):
        make_server(site, "127.0.0.1", port)
    assert run(["ui", "--project", str(tmp_path), "--port", str(port)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
