"""The guard before the feature server by itself: what passes, and what its refusals say, for every kind of request."""

import asyncio
import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

FILE = Path(__file__).parents[1] / "files/serve.py"
TOKEN = "a-token-of-20-letters"
SHOWN = (b"authorization", f"Bearer {TOKEN}".encode())


def serve():
    """Return the script as a module, with the environment as it is now."""
    spec = importlib.util.spec_from_file_location("serve", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def guarded(monkeypatch):
    """Send one request through the guard: whether the server saw it, and what was answered."""

    def ask(kind, path, *headers, writes="false"):
        monkeypatch.setenv("FEATURE_SERVER_TOKEN", TOKEN)
        monkeypatch.setenv("WRITES", writes)
        module = serve()
        seen, sent = [], []

        async def app(scope, receive, send):
            seen.append(scope["path"])

        async def send(message):
            sent.append(message)

        asyncio.run(module.Guard(app)({"type": kind, "path": path, "headers": list(headers)}, None, send))
        return bool(seen), sent

    return ask


@pytest.mark.parametrize(
    ("kind", "path"), [("lifespan", ""), ("http", "/health"), ("lifespan", "/health"), ("lifespan", "/push")]
)
def test_the_servers_start_and_its_health_need_no_token(guarded, kind, path):
    assert guarded(kind, path) == (True, [])


@pytest.mark.parametrize(
    "path", ["/get-online-features", "/search/", "/v1/vector_stores/a/search", "/openapi.json", "/v1/vector_stores"]
)
def test_what_reads_passes_with_the_token_only(guarded, path):
    assert guarded("http", path, SHOWN) == (True, [])
    assert not guarded("http", path)[0]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-authorization", SHOWN[1])],
        [SHOWN, SHOWN],
        [SHOWN, (b"authorization", b"Bearer other")],
        [(b"authorization", b"Basic " + TOKEN.encode())],
        [(b"authorization", TOKEN.encode())],
        [(b"authorization", b"Bearer ")],
        [(b"authorization", SHOWN[1] + b"\n")],
    ],
)
def test_a_request_without_the_one_right_token_must_authenticate(guarded, headers):
    passed, (start, body) = guarded("http", "/get-online-features", *headers)
    assert not passed
    assert start["status"] == 401
    assert (b"www-authenticate", b"Bearer") in start["headers"]
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]
    assert "Authorization: Bearer" in json.loads(body["body"])["detail"]


def test_the_word_bearer_has_no_case(guarded):
    assert guarded("http", "/search", (b"authorization", b"bEARER " + TOKEN.encode()))[0]


def test_a_write_is_forbidden_whatever_the_token(guarded):
    passed, (start, body) = guarded("http", "/push", SHOWN)
    assert not passed
    assert start["status"] == 403
    assert b"www-authenticate" not in dict(start["headers"])
    assert "featurestore.server.writes" in json.loads(body["body"])["detail"]


@pytest.mark.parametrize("path", ["/health", "/get-online-features", "/ws"])
def test_a_websocket_is_closed_as_a_breach_of_the_rules(guarded, path):
    for headers in ([], [SHOWN]):
        passed, sent = guarded("websocket", path, *headers)
        assert not passed
        assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]


def test_writes_that_are_on_need_the_token_too(guarded):
    assert guarded("http", "/push", SHOWN, writes="true") == (True, [])
    assert guarded("http", "/push", writes="true")[1][0]["status"] == 401
    assert not guarded("http", "/push", SHOWN, writes="yes")[0]


@pytest.mark.parametrize(("length", "starts"), [(15, False), (16, True)])
def test_a_token_has_sixteen_characters_or_more(monkeypatch, length, starts):
    monkeypatch.setenv("FEATURE_SERVER_TOKEN", "x" * length)
    began = []
    feast = SimpleNamespace(feature_server=SimpleNamespace(get_app=None))
    monkeypatch.setitem(sys.modules, "feast", feast)
    monkeypatch.setitem(sys.modules, "feast.cli.cli", SimpleNamespace(cli=lambda: began.append("feast")))
    if starts:
        serve().main()
    else:
        with pytest.raises(SystemExit, match="16 characters or more"):
            serve().main()
    assert began == (["feast"] if starts else [])
