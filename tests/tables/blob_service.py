"""A fake of Azure's Blob service on this machine: it knows what reading needs of the protocol, and no credentials."""

import http.server
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

ACCOUNT = "devstoreaccount1"
_KEY = "a2V5"


class Service(http.server.BaseHTTPRequestHandler):
    """Answers questions about `blobs`: their contents by container and name, such as `lake/raw/t.csv`."""

    blobs: Mapping[str, bytes] = {}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place, query = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        container, _, name = unquote(place.path).removeprefix(f"/{ACCOUNT}/").partition("/")
        if query.get("comp") == ["list"]:
            self._answer(200, self._listed(container, query.get("prefix", [""])[0], query.get("delimiter", [""])[0]))
        elif f"{container}/{name}" in self.blobs:
            self._blob(self.blobs[f"{container}/{name}"])
        else:
            self._answer(404, b"", {"x-ms-error-code": "BlobNotFound"})

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _blob(self, content: bytes) -> None:
        asked = self.headers.get("x-ms-range") or self.headers.get("Range") or ""
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
        if not wanted:
            self._answer(200, content, {"x-ms-blob-type": "BlockBlob"})
            return
        first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
        about = {"Content-Range": f"bytes {first}-{last}/{len(content)}", "x-ms-blob-type": "BlockBlob"}
        self._answer(206, content[first : last + 1], about)

    def _listed(self, container: str, prefix: str, delimiter: str) -> bytes:
        inside = sorted(name.partition("/")[2] for name in self.blobs if name.startswith(f"{container}/"))
        found, folders = [], []
        for name in (name for name in inside if name.startswith(prefix)):
            head, sign, _ = name.removeprefix(prefix).partition(delimiter) if delimiter else ("", "", "")
            if sign:
                folders.append(f"<BlobPrefix><Name>{escape(prefix + head + sign)}</Name></BlobPrefix>")
                continue
            size = len(self.blobs[f"{container}/{name}"])
            facts = f"<Content-Length>{size}</Content-Length><BlobType>BlockBlob</BlobType><Etag>1</Etag>"
            found.append(f"<Blob><Name>{escape(name)}</Name><Properties>{facts}</Properties></Blob>")
        blobs = "".join([*found, *dict.fromkeys(folders)])
        results = (
            f'<EnumerationResults ContainerName="{container}"><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>'
        )
        return f'<?xml version="1.0"?>{results}'.encode()

    def _answer(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        moment = "Fri, 05 Jan 2024 00:00:00 GMT"
        given = {
            "ETag": '"1"',
            "Last-Modified": moment,
            "Content-Length": str(len(content)),
            "x-ms-version": "2024-08-04",
        }
        for name, value in {**given, "Content-Type": "application/xml", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def serving_blobs(blobs: Mapping[str, bytes]) -> Iterator[str]:
    """Serve blobs; the value is the connection string that leads to them."""
    handler = type("Blobs", (Service,), {"blobs": blobs})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{ACCOUNT}"
        yield f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={_KEY};BlobEndpoint={address};"
        server.shutdown()
