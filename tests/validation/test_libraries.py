"""What a validation loads: every task of Airflow is a new process, which pays for its libraries again."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

ROWS = 4_000
HOURS = 2 * 31 * 24
NUMBERS = ("a", "b")
RUN = """
import sys
from maestro_ml.cli.app import run
code = run(["validate", "events", "--project", ".", "--at", "2024-03-03"])
assert code == 0, code
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_a_whole_validation_and_its_record_do_without_pandas(tmp_path: Path):
    random = np.random.default_rng(0)
    hours = random.integers(0, HOURS, ROWS).astype("timedelta64[h]")
    columns = {"at": pa.array(np.datetime64("2024-01-01", "us") + hours, pa.timestamp("us", tz="UTC"))}
    columns |= {name: pa.array(random.normal(size=ROWS), mask=random.random(ROWS) < 0.1) for name in NUMBERS}
    pq.write_table(pa.table(columns), tmp_path / "events.parquet")
    dataset = {
        "source": {"kind": "parquet", "path": "events.parquet"},
        "timestamp": "at",
        "window": "31d",
        "columns": {"at": {"type": "timestamp"}} | {name: {"type": "number"} for name in NUMBERS},
        "reference": {"kind": "previous"},
        "drift": {},
        "anomalies": {"contamination": 0.05, "max_rate": 0.05},  # a limit near the rate: every row is scored
    }
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "libraries", "datasets": {"events": dataset}}))

    done = subprocess.run([sys.executable, "-c", RUN], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"duckdb", "numpy", "pyarrow", "jinja2"} <= loaded  # all of it ran
    assert not loaded & {"pandas", "scipy", "sklearn"}
