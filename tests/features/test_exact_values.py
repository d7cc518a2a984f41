"""Keys, times, decimals and nulls of a dataset reach the training set, and its split, as they are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from maestro_ml.features.training_sets import build_training_set
from maestro_ml.project import Window, load_project
from maestro_ml.training.examples import TrainingSet
from maestro_ml.training.stored_rows import read_examples

DAY = datetime(2024, 6, 1, tzinfo=UTC)
NANO = int(DAY.timestamp()) * 10**9
YAML = """\
name: exact
datasets:
  pings:
    source: {kind: parquet, path: pings.parquet}
    timestamp: at
    keys: [id]
    columns:
      id: {type: integer}
      at: {type: timestamp}
      big: {type: integer}
      cost: {type: number}
      lost: {type: boolean}
models:
  lost: {dataset: pings, label: lost, columns: [big, cost], window: 2d, test: 1d, register: {name: lost}}
"""
# Two on the first day, the second of them in its last nanosecond; two on the next, the first in its first.
AT = [NANO + 1, NANO + 86_400 * 10**9 - 1, NANO + 86_400 * 10**9, NANO + 2 * 86_400 * 10**9 - 1]
ID = [2**53 + 1, 2**63 - 1, -(2**63), 2**53 + 3]
BIG = [2**60 + 1, None, 2**53 + 1, 7]
COST = [Decimal("0.10"), Decimal("12345678901234567.89"), None, Decimal("-0.01")]
LOST = [True, False, True, False]


def test_nothing_is_rounded_on_the_way_to_the_training_set(tmp_path: Path) -> None:
    columns = {
        "id": pa.array(ID, pa.int64()),
        "at": pa.array(AT, pa.timestamp("ns", "UTC")),
        "big": pa.array(BIG, pa.int64()),
        "cost": pa.array(COST, pa.decimal128(20, 2)),
        "lost": pa.array(LOST),
    }
    pq.write_table(pa.table(columns), tmp_path / "pings.parquet")
    (tmp_path / "maestro.yaml").write_text(YAML)
    file = tmp_path / "set.parquet"
    built = build_training_set(load_project(tmp_path), "lost", Window(DAY, DAY + timedelta(days=2)), file)
    found = pq.read_table(file)
    assert found["id"].to_pylist() == ID
    assert found["big"].to_pylist() == BIG
    assert found["cost"].to_pylist() == COST
    assert found["at"].cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_pylist() == AT
    description = TrainingSet(rows=4, features=built.features, label="lost", timestamp="at", sha256="")
    first = read_examples(file, description, Window(DAY, DAY + timedelta(days=1)))
    second = read_examples(file, description, Window(DAY + timedelta(days=1), DAY + timedelta(days=2)))
    assert (first.labels.tolist(), second.labels.tolist()) == ([1, 0], [1, 0])
    assert (first.rounded, second.rounded) == (("big", "cost"), ("big",))
