"""The few lines of the Redis protocol a probe needs; the client library costs most of a CPU-second to import."""

import socket
from urllib.parse import parse_qs, unquote, urlsplit


class RedisError(Exception):
    """The server said no, or the URL names no Redis."""


class Redis:
    """One connection to `redis[s]://[user][:password]@host[:port]/database`, with
    the file of the authorities in `?ssl_ca_certs=` where TLS needs it; call it with a command's words.

    Replies are None, int, str or lists of these. Raises RedisError for the server's errors, OSError for the network's.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
            raise RedisError(f"the broker is {parts.scheme}://, this asks redis:// and rediss:// only")
        self.database = parts.path.strip("/") or "0"
        self._socket = socket.create_connection((parts.hostname, parts.port or 6379), timeout=timeout)
        if parts.scheme == "rediss":
            import ssl

            authorities = parse_qs(parts.query).get("ssl_ca_certs", [None])[0]
            self._socket = ssl.create_default_context(cafile=authorities).wrap_socket(
                self._socket, server_hostname=parts.hostname
            )
        self._replies = self._socket.makefile("rb")
        if parts.password:
            self("AUTH", *([unquote(parts.username)] if parts.username else []), unquote(parts.password))
        self("SELECT", self.database)

    def __enter__(self) -> "Redis":
        return self

    def __exit__(self, *_: object) -> None:
        self._replies.close()
        self._socket.close()

    def __call__(self, *words: str):
        encoded = [word.encode() for word in words]
        self._socket.sendall(
            b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
        )
        return self._read()

    def _read(self):
        line = self._replies.readline().rstrip(b"\r\n")
        if not line:
            raise ConnectionResetError("the broker closed the connection")
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise RedisError(f"the broker says {rest.decode()}")
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._replies.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        return rest.decode()
