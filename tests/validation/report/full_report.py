"""A report in which every kind of finding stands: each check passing and violated, every drift method, anomalies."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from maestro_ml.project import Window, load_project
from maestro_ml.validation import Report, validate_dataset
from maestro_ml.validation.history.runs import History, RunMetrics

WINDOW = Window(datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
_CHECKS: list[dict[str, Any]] = [
    {"check": "missing", "column": "price", "max_share": 0.001},
    {"check": "missing", "column": "price", "where": "id > 3", "max_count": 500},
    {"check": "range", "column": "price", "min": 0, "max": 3},
    {"check": "range", "column": "id", "min": 0, "where": "price > 0"},
    {"check": "allowed", "column": "color", "values": ["red", "green"]},
    {"check": "regex", "column": "color", "pattern": "[a-z]+"},
    {"check": "length", "column": "color", "min": 4, "severity": "warn"},
    {"check": "unique", "columns": ["color"]},
    {"check": "duplicate_rows"},
    {"check": "rows", "min": 10_000},
    {"check": "rows", "max": 10_000, "where": "price > 1"},
    {"check": "predicate", "sql": "price < 2 OR ok"},
    {"check": "compare", "left": "price", "operator": "<=", "right": "cost"},
    {"check": "monotonic", "column": "id", "strict": True},
    {"check": "references", "column": "id", "dataset": "others", "key": "id"},
    {"check": "reconcile", "dataset": "others", "aggregate": "sum", "column": "price", "tolerance": 0.01},
    {"check": "reconcile", "dataset": "others"},
    {"check": "row_count_history"},
    {"check": "null_rate_history", "column": "price"},
    {"check": "null_rate_history", "column": "cost", "min_runs": 20},
    {"check": "regex", "column": "gone", "pattern": "x"},
]


def full_report(folder: str | Path, numeric: str = "ks", categorical: str = "chi_square") -> Report:
    """Return the report on generated data in a folder."""
    random = np.random.default_rng(7)
    size = 3_000
    price = random.normal(2, 1, size).round(3)
    price[::40] = np.nan
    frame = pd.DataFrame(
        {
            "at": pd.date_range("2024-01-01", periods=size, freq="29min", tz="UTC"),
            "id": np.arange(size) // 2,
            "price": price,
            "cost": price + random.uniform(-0.1, 2, size).round(3),
            "color": random.choice(["red", "green", "blue"], size),
            "ok": np.arange(size) % 3 == 0,
            "secret": [f"s{i % 5}" for i in range(size)],
            "new": 1.0,
        }
    )
    frame.loc[frame["at"] >= pd.Timestamp(WINDOW.start), "cost"] += 1.5
    frame.to_parquet(Path(folder) / "events.parquet", index=False)
    frame.iloc[::2].drop(columns="new").to_parquet(Path(folder) / "others.parquet", index=False)
    columns = {
        "at": {"type": "timestamp", "nullable": False},
        "id": {"type": "integer"},
        "price": {"type": "number", "nullable": False},
        "cost": {"type": "number"},
        "color": {"type": "string"},
        "ok": {"type": "integer", "severity": "warn"},
        "secret": {"type": "string", "pii": True},
        "gone": {"type": "string"},
        "spare": {"type": "string", "required": False},
    }
    given = {"timestamp": "at", "keys": ["id"], "window": "29d"}
    tests = {"numeric": numeric, "categorical": categorical}
    correction = {"correction": "holm"} if {numeric, categorical} & {"ks", "chi_square"} else {}
    events = {
        **given,
        "source": {"kind": "parquet", "path": "events.parquet"},
        "columns": columns,
        "checks": _CHECKS,
        "freshness": {"max_age": "1d"},
        "reference": {"kind": "previous"},
        "drift": {"tests": tests, "labels": ["color"], **correction},
        "anomalies": {"max_rate": 0.01},
    }
    others = {
        **given,
        "source": {"kind": "parquet", "path": "others.parquet"},
        "columns": {name: {"type": columns[name]["type"]} for name in ("at", "id", "price")},
    }
    text = yaml.safe_dump({"name": "full", "datasets": {"events": events, "others": others}}, sort_keys=False)
    (Path(folder) / "maestro.yaml").write_text(text)
    runs = tuple(_run(day) for day in range(1, 11))
    project = load_project(folder, {})
    return validate_dataset(project, "events", WINDOW, now=WINDOW.end, history=History(runs))


def _run(day: int) -> RunMetrics:
    window = Window.ending(datetime(2024, 2, day, tzinfo=UTC), WINDOW.length)
    values = {"rows": {"": 1400.0 + day}, "missing_share": {"price": 0.02, "cost": 0.02}}
    return RunMetrics(
        run=f"run-{day}", start=window.start, end=window.end, created=window.end, verdict="pass", values=values
    )
