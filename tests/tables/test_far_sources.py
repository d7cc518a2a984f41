"""Tables in a bucket and on a web server: read as those in a folder are."""

import http.server
import io
import json
import os
import re
import socket
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import fsspec
import pytest
from blob_service import serving_blobs
from fsspec.config import set_conf_env
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
        """Provide a bucket of a real server that speaks S3 (moto), and the environment that leads to it."""
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

    def test_the_doctor_names_the_command_that_makes_a_missing_bucket(self, bucket):
        from maestro_ml.doctor.remedies import place_remedy
        from maestro_ml.steps.store import Folder, StoreError

        folder = Folder("s3://new-lake/runs")
        with pytest.raises(StoreError) as missing:
            folder.write("probe", b"")
        command = place_remedy(folder.uri, "")(missing.value)
        exec(command.removeprefix('python -c "').removesuffix('"'))
        folder.write("probe", b"")
        bucket.delete_object(Bucket="new-lake", Key="runs/probe")
        bucket.delete_bucket(Bucket="new-lake")

    def test_csv_and_parquet_in_s3_too(self, tmp_path, table_of, bucket):
        import pyarrow.parquet as pq

        TABLE.to_pandas().to_csv(tmp_path / "t.csv", index=False)
        pq.write_table(TABLE, tmp_path / "t.parquet")
        for kind in ("csv", "parquet"):
            bucket.upload_file(str(tmp_path / f"t.{kind}"), "lake", f"more/t.{kind}")
            with table_of({"kind": kind, "path": "s3://lake/more"}) as table:
                assert len(table.relation) == 3

    def test_options_of_a_filesystem_come_from_the_environment(self, tmp_path, table_of, bucket, monkeypatch):
        source = write_json(tmp_path)
        bucket.upload_file(str(tmp_path / source["path"]), "lake", "open/t.jsonl")
        options = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"], "key": "testing", "secret": "testing"}
        monkeypatch.setenv("FSSPEC_S3", json.dumps(options))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name)
        monkeypatch.setattr("fsspec.config.conf", {})
        set_conf_env(fsspec.config.conf)
        with table_of(source | {"path": "s3://lake/open/t.jsonl"}) as table:
            assert len(table.relation) == 3

    def test_gs_is_read_as_a_folder_is(self, tmp_path, table_of, monkeypatch):
        """The emulator stands for Google's service."""
        from gcp_storage_emulator.server import create_server

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = create_server("127.0.0.1", port, in_memory=True, default_bucket="lake")
        server.start()
        try:
            monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
            for write in (write_json, write_orc, write_csv):
                source = write(tmp_path)
                folder = f"gs://lake/{source['kind']}"
                fsspec.filesystem("gs").pipe(f"{folder}/{source['path']}", (tmp_path / source["path"]).read_bytes())
                with table_of(source | {"path": folder}) as table:
                    assert len(table.relation) == 3
            source = {"kind": "csv", "path": "gs://lake/none"}
            with pytest.raises(DataError, match="no csv file at gs://lake/none"), table_of(source):
                pass
        finally:
            server.stop()

    def test_az_is_read_as_a_folder_is(self, tmp_path, table_of, monkeypatch):
        """A fake that speaks Azure's protocol, as far as reading needs it, stands for Azure's service."""
        sources = [write(tmp_path) for write in (write_json, write_orc, write_csv)]
        blobs = {f"lake/{each['kind']}/{each['path']}": (tmp_path / each["path"]).read_bytes() for each in sources}
        with serving_blobs(blobs) as connection:
            monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
            for source in sources:
                folder = f"lake/{source['kind']}"
                for path in (f"az://{folder}", f"abfs://{folder}/{source['path']}", f"az://{folder}/t.*"):
                    with table_of(source | {"path": path}) as table:
                        assert len(table.relation) == 3
            source = {"kind": "csv", "path": "az://lake/none"}
            with pytest.raises(DataError, match="no csv file at az://lake/none"), table_of(source):
                pass

    @pytest.mark.parametrize(
        ("path", "extra"), [("s3://b/x", "s3"), ("gs://b/x", "gcs"), ("az://b/x", "azure"), ("abfs://b/x", "azure")]
    )
    def test_without_its_library_the_extra_is_named(self, table_of, monkeypatch, path, extra):
        def missing(*_):
            raise ImportError("Please install it")

        monkeypatch.setattr("fsspec.core.url_to_fs", missing)
        for kind in ("parquet", "csv", "arrow"):
            with (
                pytest.raises(DataError, match=rf"cannot be reached: .* needs pip install 'maestro-ml\[{extra}\]'$"),
                table_of({"kind": kind, "path": path}),
            ):
                pass

    def test_a_server_that_is_not_there_cannot_be_reached(self, table_of):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}/t.csv"
        with (
            pytest.raises(DataError, match=rf"{address} cannot be reached: .*connect") as caught,
            table_of({"kind": "csv", "path": address}),
        ):
            pass
        assert caught.value.exit_code == 3

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
