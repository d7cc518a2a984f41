"""Serve the pages on this machine, with the standard library."""

import sys
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from maestro_ml.core.errors import RequestError
from maestro_ml.pages.answers import Answer, Site

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Handler(BaseHTTPRequestHandler):
    """Answer GET and HEAD; every other method is refused."""

    server_version, sys_version = "maestro", ""

    def __init__(self, *args: Any, site: Site, only_here: bool) -> None:
        self._site, self._only_here = site, only_here
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer with a page or a file."""
        # Another site's script may reach this server under a name of its own that leads here.
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if self._only_here and host not in LOOPBACK:
            self._send(Answer(HTTPStatus.FORBIDDEN, b"this server answers to localhost only", "text/plain"))
            return
        self._send(self._site.answer(unquote(urlsplit(self.path).path)))

    do_HEAD = do_GET

    def __getattr__(self, name: str) -> Any:
        """Refuse the other methods, which the standard library looks up as `do_POST` and so on."""
        if name.startswith("do_"):
            return self._refuse
        raise AttributeError(name)

    def _refuse(self) -> None:
        self._send(Answer(HTTPStatus.METHOD_NOT_ALLOWED, b"only GET", "text/plain"), Allow="GET, HEAD")

    def _send(self, answer: Answer, **more: str) -> None:
        self.send_response(answer.status)
        for name, value in {**answer.headers, **more, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Print only what failed."""
        if len(args) > 1 and str(args[1]).startswith("5"):
            sys.stderr.write(f"{format % args}\n")


def make_server(site: Site, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server that listens already.

    Raises:
        RequestError: the port is taken, or the address is none of this machine.
    """
    handler = partial(Handler, site=site, only_here=host in LOOPBACK)
    try:
        return ThreadingHTTPServer((host, port), handler)
    except (OSError, OverflowError) as error:
        raise RequestError(f"cannot listen on {host}:{port}: {error}; --port names another port") from None
