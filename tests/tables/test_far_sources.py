"""Tables in a bucket and on a web server: read as those in a folder are."""

import http.server
import io
import re
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from written_tables import TABLE, write_arrow, write_csv, write_excel, write_json, write_orc

from maestro_ml.tables import DataError


class SendsParts(http.server.SimpleHTTPRequestHandler):
    """Answers requests for a range of bytes, as web servers do."""

    def send_head(self):
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not wanted or not Path(self.translate_path(self.path)).is_file():
            return super().send_head()
        content = Path(self.translate_path(self.path)).read_bytes()
        first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
        self.send_response(http.HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        return io.BytesIO(content[first : last + 1])

    def end_headers(self):
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()


@contextmanager
def serving(folder, handler):
    """Serve a folder by HTTP on this machine; the value is its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class TestFarAway:
    @pytest.fixture(scope="class")
    def bucket(self):
        """A bucket of a real server that speaks S3 (moto), and the environment that leads to it."""
        import boto3
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", "testing")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
            patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            client = boto3.client("s3")
            client.create_bucket(Bucket="lake")
            yield client
        server.stop()

    @pytest.mark.parametrize("write", [write_json, write_arrow, write_orc, write_excel], ids=lambda w: w.__name__)
    def test_s3_is_read_as_a_folder_is(self, tmp_path, table_of, bucket, write):
        source = write(tmp_path)
        bucket.upload_file(str(tmp_path / source["path"]), "lake", f"raw/{source['kind']}/{source['path']}")
        with table_of(source | {"path": f"s3://lake/raw/{source['kind']}/{source['path']}"}) as table:
            assert len(table.relation) == 3

    def test_csv_and_parquet_in_s3_too(self, tmp_path, table_of, bucket):
        import pyarrow.parquet as pq

        TABLE.to_pandas().to_csv(tmp_path / "t.csv", index=False)
        pq.write_table(TABLE, tmp_path / "t.parquet")
        for kind in ("csv", "parquet"):
            bucket.upload_file(str(tmp_path / f"t.{kind}"), "lake", f"more/t.{kind}")
            with table_of({"kind": kind, "path": "s3://lake/more"}) as table:
                assert len(table.relation) == 3

    @pytest.mark.parametrize("kind", ["csv", "arrow", "excel"])
    def test_a_web_server(self, tmp_path, table_of, kind):
        """A plain HTTP server on this machine stands for https, which differs in its encryption only."""
        source = {"csv": write_csv, "arrow": write_arrow, "excel": write_excel}[kind](tmp_path)
        with serving(tmp_path, SendsParts) as base:
            with table_of(source | {"path": f"{base}/{source['path']}"}) as table:
                assert len(table.relation) == 3
            with pytest.raises(DataError, match=rf"no {kind} file at http"), table_of(source | {"path": f"{base}/x"}):
                pass

    def test_a_web_server_that_sends_no_parts_of_files_is_named(self, tmp_path, table_of):
        source = write_csv(tmp_path)
        with (
            serving(tmp_path, http.server.SimpleHTTPRequestHandler) as base,
            pytest.raises(DataError, match="does not send parts of a file"),
            table_of(source | {"path": f"{base}/t.csv"}),
        ):
            pass
