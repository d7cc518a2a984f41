"""Every field of what each check finds on one small table: findings.yaml has the checks, and what must come of them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.tables import LocalTable
from maestro_ml.tables.duckdb import connect
from maestro_ml.validation import Finding
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.quality import quality_findings

EXPECTED = yaml.safe_load(Path(__file__).with_name("findings.yaml").read_text(encoding="utf-8"))
START = datetime(2024, 1, 1, tzinfo=UTC)
WINDOW = Window(START, datetime(2024, 2, 1, tzinfo=UTC))
PRICES = ["0.10", "0.20", "0.30", "0.40", None, "1.00", "2.00", "9.99"]
COLUMNS = {
    "id": ("integer", pa.array([1, 2, 3, 4, 5, 6, 7, 7])),
    "n": ("integer", pa.array([0, 1, 2, 3, 4, 5, 10, None])),
    "m": ("integer", pa.array([1, 1, 1, 1, 4, 6, 9, 3])),
    "x": ("number", pa.array([0.5, 1.5, -2.0, float("nan"), None, 2.5, 2.5, 8.0])),
    "price": ("number", pa.array(PRICES).cast(pa.decimal128(6, 2))),
    "s": ("string", pa.array(["a", "b", "b", "", "abc", None, "a1", "a b"])),
    "j": ("string", pa.array(['{"k":1}', "{", "[]", None, "1", "", "nul", '"x"'])),
    "t": (
        "string",
        pa.array(["2024-01-31", "2024-02-30", "31.01.2024", None, "", "2024-1-1", "2023-12-31", "2024-01-01"]),
    ),
    "yes": ("boolean", pa.array([True, True, True, False, None, True, True, False])),
    "day": ("date", pa.array([None if day == 4 else date(2024, 1, day) for day in range(1, 9)])),
    "who": ("string", pa.array(["ann", "bob", "cy", "dan", "eve", "fay", "gus", "gus"])),
    "pay": ("number", pa.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 100.0])),
    "gone": ("integer", pa.nulls(8)),
    "odd": ("number", pa.array([*"12345678"])),  # not what the contract says
    "code": ("string", pa.array(range(8))),
}


def findings(checks: list[dict[str, object]]) -> list[Finding]:
    """Return what the checks find in eight rows, an hour apart; `who` and `pay` are personal."""
    hours = pa.array([START + timedelta(hours=hour) for hour in range(8)], pa.timestamp("us", "UTC"))
    columns = {name: {"type": kind, "pii": name in ("who", "pay")} for name, (kind, _) in COLUMNS.items()}
    declared = {
        "source": {"kind": "parquet", "path": "unused"},
        "timestamp": "at",
        "keys": ["id"],
        "columns": {"at": {"type": "timestamp"}, **columns},
        "checks": checks,
    }
    with connect() as connection:
        rows = connection.from_arrow(pa.table({"at": hours} | {name: values for name, (_, values) in COLUMNS.items()}))
        dataset = LocalTable("events", Dataset.model_validate(declared), connection, rows)
        return quality_findings(ValidationContext(dataset, WINDOW, WINDOW.end))[-len(checks) :]


def described(found: Finding) -> dict[str, object]:
    """Return a finding as findings.yaml has it."""
    shown = {"columns": list(found.sample.columns), "rows": [*map(list, found.sample.rows)]} if found.sample else {}
    parts = {"column": found.column, "numbers": found.numbers, **shown}
    assert (found.stage, found.severity) == ("quality", "error")
    return {found.outcome: found.message, **{key: value for key, value in parts.items() if value}}


@pytest.mark.parametrize("family", EXPECTED)
def test_what_checks_find(family: str) -> None:
    checks = [dict(each["check"]) for each in EXPECTED[family]]
    for check in checks:
        check["check"] = check.pop("kind")
    for expected, found in zip(EXPECTED[family], findings(checks), strict=True):
        given = {"check": expected["check"], **described(found)}
        numbers = given.pop("numbers", {})
        assert given == {key: value for key, value in expected.items() if key != "numbers"}
        assert numbers == {
            key: pytest.approx(number) if isinstance(number, float) else number
            for key, number in expected.get("numbers", {}).items()
        }, expected["check"]
