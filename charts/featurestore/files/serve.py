"""`feast serve` behind a token, and without its writes unless WRITES is `true`; takes the arguments of `feast`.

A caller shows the token as `Authorization: Bearer ...`; Feast's clients do with `auth: {type: oidc, token: ...}`.
`/health` needs none. What is not known to read counts as a write, so that a new version of Feast opens nothing.
"""

import hmac
import json
import os
import re
import sys
from http import HTTPStatus

SHORTEST = 16  # characters
TOKEN = os.environ.get("FEATURE_SERVER_TOKEN", "").removesuffix("\n").encode()
WRITES = os.environ.get("WRITES") == "true"
READS = re.compile(
    r"/(get-online-features|search|retrieve-online-documents|v1/vector_stores(/[^/]+(/search)?)?|openapi\.json)/?"
)


class Guard:
    """An ASGI application before the feature server's."""

    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and scope["path"] == "/health"):
            await self.app(scope, receive, send)
        elif not _shows_the_token(scope):
            await _refuse(
                scope, send, HTTPStatus.UNAUTHORIZED, "no token, or a wrong one: send it as `Authorization: Bearer ...`"
            )
        elif not (WRITES or (scope["type"] == "http" and READS.fullmatch(scope["path"]))):
            await _refuse(scope, send, HTTPStatus.FORBIDDEN, "writes are off: set featurestore.server.writes to true")
        else:
            await self.app(scope, receive, send)


def _shows_the_token(scope) -> bool:
    shown = [value for name, value in scope["headers"] if name == b"authorization"]
    kind, _, token = (shown[0] if len(shown) == 1 else b"").partition(b" ")
    return kind.lower() == b"bearer" and hmac.compare_digest(token, TOKEN)


async def _refuse(scope, send, status: HTTPStatus, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    body = json.dumps({"detail": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    if len(TOKEN) < SHORTEST or not TOKEN.isascii() or b" " in TOKEN or not TOKEN.decode().isprintable():
        sys.exit(
            "serve: FEATURE_SERVER_TOKEN must have 16 characters or more, letters, digits and signs without blanks"
        )
    from feast import feature_server
    from feast.cli.cli import cli

    make = feature_server.get_app

    def guarded(*arguments, **named):
        app = make(*arguments, **named)
        app.add_middleware(Guard)
        return app

    feature_server.get_app = guarded
    cli()


if __name__ == "__main__":
    main()
