"""A check, a drift method and a rule of the gate of a project's own: those of docs/extending.md, as they stand."""

import textwrap
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from maestro_ml.core.own_code import make_importable
from maestro_ml.project import Window, load_project
from maestro_ml.validation import validate_dataset

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))


def example(title: str) -> str:
    """Return the first block of Python of a section."""
    section = PAGE.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = section[section.index("\n    from ") :].strip("\n").splitlines()
    end = next((i for i, line in enumerate(lines) if line and not line.startswith("    ")), len(lines))
    return textwrap.dedent("\n".join(lines[:end]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Provide a folder with prices that moved up and left their step, and the page's code in three files."""
    (tmp_path / "page_checks.py").write_text(example("A check"))
    (tmp_path / "page_drift.py").write_text(example("A drift method"))
    (tmp_path / "page_gates.py").write_text(example("A rule of the gate").replace("shop_rules.gates", "page_gates"))
    hours = pd.date_range("2023-12-01", periods=62 * 24, freq="h", tz="UTC")
    price = np.arange(len(hours)) % 7 * 5 + 100 * (hours >= pd.Timestamp(JANUARY.start))
    price[-3:] += 1
    pd.DataFrame({"at": hours, "price": price}).to_parquet(tmp_path / "prices.parquet")
    return tmp_path


def test_the_check_and_the_drift_method_judge(folder: Path) -> None:
    prices = {
        "source": {"kind": "parquet", "path": "prices.parquet"},
        "timestamp": "at",
        "window": "31d",
        "columns": {"at": {"type": "timestamp"}, "price": {"type": "integer"}},
        "checks": [{"check": "page_checks.MultipleOf", "column": "price", "step": 5}],
        "reference": {"kind": "previous"},
        "drift": {"columns": ["price"], "tests": {"numeric": "page_drift.ENERGY"}},
    }
    (folder / "maestro.yaml").write_text(yaml.safe_dump({"name": "shop", "datasets": {"prices": prices}}))
    report = validate_dataset(load_project(folder, {}), "prices", JANUARY)
    messages = " ".join(str(finding) for finding in report.violated)
    assert "3 of 744 (0.40 %) are no multiples of 5" in messages
    assert "energy distance" in messages


@pytest.mark.parametrize(("most", "passed"), [(0.2, True), (0.1, False)])
def test_the_rule_judges(folder: Path, most: float, passed: bool) -> None:
    make_importable(folder)
    rule = import_module("page_gates").FewAlarms.model_validate({"rule": "page_gates.FewAlarms", "max_share": most})
    evidence = SimpleNamespace(candidate=SimpleNamespace(predicted=np.array([1, 0, 0, 0, 0])))
    assert rule.judge(evidence).passed is passed
