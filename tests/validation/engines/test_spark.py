"""What only Spark has to do: folders of partitions, odd types and names, broken files, sessions elsewhere."""

import contextlib
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_lies import exchanged, whole, write

from maestro_ml.project import Window, load_project
from maestro_ml.tables import DataError
from maestro_ml.validation import validate_dataset

START = datetime(2024, 1, 1, tzinfo=UTC)
JANUARY = Window(START, START + timedelta(days=31))
TIMES = pa.array([START + timedelta(hours=i) for i in range(6)], pa.timestamp("us", tz="UTC"))

pytestmark = pytest.mark.usefixtures("spark_ready")


@pytest.fixture
def both(dataset_project):
    """Provide the findings of DuckDB and of Spark on what lies at a path, without the rows they show."""

    def judged(path: str, partitions: tuple[str, ...] = (), **dataset: object) -> list[list]:
        source = {"source": {"kind": "parquet", "path": path, "partitions": partitions}, "timestamp": "at"}
        reports = [
            validate_dataset(
                dataset_project(**source, engine=engine, **dataset), "events", JANUARY, ("schema", "quality"), now=START
            )
            for engine in ("duckdb", "spark")
        ]
        return [[found.with_sample(None) for found in report.findings] for report in reports]

    return judged


def test_types_are_those_duckdb_sees(both, tmp_path):
    columns = {
        "at": TIMES.cast(pa.timestamp("ns", tz="UTC")),
        "naive": TIMES.cast(pa.timestamp("ns")),
        "u8": pa.array([0, 1, 255, None, 2, 3], pa.uint8()),
        "u64": pa.array([0, 1, 2**64 - 1, None, 2, 3], pa.uint64()),
        "i16": pa.array([-(2**15), 1, 2, None, 2, 3], pa.int16()),
        "f32": pa.array([0.1, float("nan"), 2, None, 2, 3], pa.float32()),
        "text": pa.array(["a", "b", None, "a", "a", "a"]).dictionary_encode(),
        "money": pa.array([1, 2, 3, None, 4, 5], pa.decimal128(38, 2)),
        "nested": pa.array([{"a": 1}] * 6),
    }
    pq.write_table(pa.table(columns), tmp_path / "odd {name} [1], it's 100% #new.parquet")
    types = {
        "at": "timestamp",
        "naive": "timestamp",
        "text": "string",
        "f32": "number",
        "money": "number",
        "nested": "string",
    }
    checks = [{"check": "range", "column": c, "min": 0.1, "max": 3} for c in ("u8", "u64", "i16", "f32", "money")]
    checks += [{"check": "unique", "columns": [c]} for c in ("at", "u64", "f32", "text", "money")]
    checks += [{"check": "compare", "left": "naive", "operator": "<=", "right": "at"}]
    contract = {c: {"type": types.get(c, "integer")} for c in columns}
    duckdb, spark = both("odd {name} [[]1], it's 100% #new.parquet", columns=contract, checks=checks)
    assert spark == duckdb


def test_single_precision_is_not_compared_by_a_predicate(both, tmp_path):
    """To DuckDB the single 0.1 equals 0.1, to Spark it does not."""
    pq.write_table(pa.table({"at": TIMES, "f": pa.array([0.1] * 6, pa.float32())}), tmp_path / "a.parquet")
    checks = [{"check": "predicate", "sql": "f = 0.1"}, {"check": "missing", "column": "f", "where": "f > 0.1"}]
    contract = {"at": {"type": "timestamp"}, "f": {"type": "number"}}
    _, spark = both("a.parquet", columns=contract, checks=checks)
    assert all(f.violated and "single precision" in f.message for f in spark[-2:])


def test_declared_partitions_are_columns_and_other_folders_are_not(both, tmp_path):
    for day, kind in (("2024-01-01", "07"), ("2024-01-02", "b+%2F c=d"), ("__HIVE_DEFAULT_PARTITION__", "100%")):
        folder = tmp_path / "lake" / f"day={day}" / f"kind={kind}" / "n=77"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"at": TIMES, "n": range(6)}), folder / "part.parquet")
    contract = {
        "at": {"type": "timestamp"},
        "n": {"type": "integer"},
        "day": {"type": "date", "nullable": False},
        "kind": {"type": "string"},
    }
    checks = [
        {"check": "allowed", "column": "kind", "values": ["07", "b+/ c=d", "100%"]},
        {"check": "unique", "columns": ["day", "kind"]},
        {"check": "range", "column": "n", "max": 5},
        {"check": "missing", "column": "n", "where": "day = date '2024-01-02'"},
    ]
    duckdb, spark = both("lake", partitions=("day", "kind"), columns=contract, checks=checks)
    assert spark == duckdb
    assert {f.check: f.violated for f in spark if f.check in ("allowed", "range", "nullable")} == {
        "allowed": False,
        "range": False,
        "nullable": True,
    }


def test_footers_that_lie_are_not_believed_by_either(both, tmp_path):
    tables = [pa.table({"at": TIMES, "n": [i + shift for i in range(6)]}) for shift in (0, 100)]
    write(tmp_path / "a.parquet", exchanged(*map(whole, tables)))
    contract = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    checks = [{"check": "rows", "max": 2, "where": "n < 50"}, {"check": "range", "column": "n", "max": 5}]
    duckdb, spark = both("a.parquet", columns=contract, checks=checks)
    assert spark == duckdb
    [rows] = [found for found in spark if found.check == "rows" and found.violated]
    assert 6 in rows.numbers.values()
    assert not any(found.violated for found in spark if found.check == "range")


def test_files_that_differ_or_break(both, tmp_path):
    table = pa.table({"at": TIMES, "n": range(6)})
    pq.write_table(table, tmp_path / "a.parquet")
    pq.write_table(table.append_column("more", TIMES), tmp_path / "b.parquet")
    pq.write_table(table, tmp_path / "c.parquet")
    (tmp_path / "c.parquet").write_bytes((tmp_path / "c.parquet").read_bytes()[:-20])
    contract = {"at": {"type": "timestamp"}, "n": {"type": "integer"}, "more": {"type": "timestamp"}}
    checks = [{"check": "missing", "column": "more"}]
    duckdb, spark = both("*.parquet", columns=contract, checks=checks)
    assert spark == duckdb
    assert [f.message for f in spark if f.check == "files" and "c.parquet cannot be read" in f.message]


def test_a_file_broken_in_the_middle_ends_the_run(both, tmp_path):
    frame = pd.DataFrame({"at": TIMES.to_pandas(), "n": range(6)})
    frame.to_parquet(tmp_path / "a.parquet")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    content[4:200] = b"\xff" * 196
    (tmp_path / "a.parquet").write_bytes(content)
    contract = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    with pytest.raises(DataError, match=r"cannot be read"):
        both("a.parquet", columns=contract)


@pytest.fixture
def connect_server(tmp_path):
    """Provide the URL of a Spark Connect server."""
    import pyspark

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(pyspark.__file__).parent / "bin" / "spark-submit", "--master", "local[2]"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    command += [
        "--conf",
        f"spark.connect.grpc.binding.port={port}",
        "--conf",
        "spark.ui.enabled=false",
        "spark-internal",
    ]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path)
    for _ in range(600):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        assert server.poll() is None, (tmp_path / "server.log").read_text()[-2000:]
        time.sleep(0.2)
    yield f"sc://127.0.0.1:{port}"
    server.kill()  # it has nothing to finish, and takes more than a minute to end by itself
    server.wait()


CLIENT = """
import sys
from datetime import UTC, datetime
from maestro_ml.project import Window, load_project
from maestro_ml.validation import validate_dataset
window = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
report = validate_dataset(load_project(sys.argv[1]), "events", window, ("quality",))
print([(f.check, f.violated) for f in report.findings ][-3:], len(report.profiles))
"""


def test_a_connect_server_finds_the_same(tmp_path, dataset_project, connect_server):
    """In a process of its own: a process has sessions of one kind."""
    pq.write_table(pa.table({"at": TIMES, "n": [1, 2, 2, None, 5, 6]}), tmp_path / "a.parquet")
    dataset_project(
        source={"kind": "parquet", "path": "a.parquet"},
        engine="spark",
        timestamp="at",
        columns={"at": {"type": "timestamp"}, "n": {"type": "integer"}},
        checks=[
            {"check": "unique", "columns": ["n"]},
            {"check": "predicate", "sql": "n + 9223372036854775807 > 0"},
            {"check": "range", "column": "n", "max": 7},
        ],
    )
    with (tmp_path / "maestro.yaml").open("a") as file:
        file.write(f"spark: {{remote: '{connect_server}'}}\n")
    run = subprocess.run(
        [sys.executable, "-c", CLIENT, tmp_path], capture_output=True, text=True, timeout=300, check=False
    )
    expected = [("unique", True), ("predicate", True), ("range", False)]
    assert run.stdout == f"{expected} 2\n", run.stderr[-2000:]


def test_no_server_there(dataset_project, tmp_path):
    dataset_project(
        source={"kind": "parquet", "path": "a"}, engine="spark", timestamp="at", columns={"at": {"type": "timestamp"}}
    )
    with (tmp_path / "maestro.yaml").open("a") as file:
        file.write("spark: {remote: 'sc://127.0.0.1:9'}\n")
    with pytest.raises(DataError, match=r"Spark cannot be reached at sc://127.0.0.1:9: .*refused"):
        validate_dataset(load_project(tmp_path, environ={}), "events", JANUARY)


def test_nanoseconds_spark_cannot_hold_are_not_compared(both, tmp_path):
    """Whole microseconds in a column of nanoseconds are."""
    fine = pa.array([1_704_067_200_000_000_000 + i for i in range(6)], pa.timestamp("ns", tz="UTC"))
    whole = TIMES.cast(pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"at": whole, "fine": fine, "whole": whole, "n": range(6)}), tmp_path / "a.parquet")
    checks = [
        {"check": "unique", "columns": ["whole"]},
        {"check": "missing", "column": "fine"},
        {"check": "monotonic", "column": "n"},
        {"check": "unique", "columns": ["fine"]},
        {"check": "duplicate_rows"},
        {"check": "monotonic", "column": "fine", "strict": True},
        {"check": "compare", "left": "fine", "operator": ">=", "right": "whole"},
        {"check": "missing", "column": "n", "where": "fine > timestamptz '2024-01-01 00:00:00+00'"},
    ]
    contract = {"at": {"type": "timestamp"}, "fine": {"type": "timestamp"}, "whole": {"type": "timestamp"}}
    duckdb, spark = both("a.parquet", columns=contract | {"n": {"type": "integer"}}, checks=checks)
    assert spark[:-5] == duckdb[:-5]
    for found in spark[-5:]:
        assert found.violated
        assert found.message.startswith("cannot be checked: 5 values of fine have nanoseconds, which spark cannot hold")


def test_files_with_a_timezone_and_without_one_are_refused(both, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, type_ in (("naive", pa.timestamp("us")), ("zoned", pa.timestamp("us", "UTC"))):
        pq.write_table(pa.table({"at": TIMES, "seen": TIMES.cast(type_)}), folder / f"{name}.parquet")
    contract = {"at": {"type": "timestamp"}, "seen": {"type": "timestamp"}}
    with pytest.raises(DataError, match=r"seen carries a timezone in zoned\.parquet and none in naive\.parquet"):
        both("mixed", columns=contract)
