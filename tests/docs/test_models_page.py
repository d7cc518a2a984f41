"""Every example in docs/models.md is one that a project file can hold."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from maestro_ml.metrics.registry import all_metrics
from maestro_ml.project import load_project

PAGE = Path(__file__).parents[2] / "docs/models.md"
PROJECT = """
name: shop
datasets:
  customers:
    source: {kind: parquet, path: customers.parquet}
    timestamp: at
    columns: {at: {type: timestamp}, churned: {type: boolean}, age: {type: number}, income: {type: number},
      plan: {type: string}, calls: {type: integer}, note: {type: string}}
"""


def blocks() -> list[str]:
    """Return the indented paragraphs of the page that are YAML."""
    found, current = [], list[str]()
    for line in [*PAGE.read_text().splitlines(), ""]:
        if line.startswith("    "):
            current.append(line[4:])
        elif current:
            found.append("\n".join(current))
            current = []
    return [block for block in found if not block.startswith(("import ", "model = "))]


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block.splitlines()[0])
def test_an_example_is_loaded(block: str, tmp_path: Path) -> None:
    said = yaml.safe_load(block)
    project: dict[str, Any] = yaml.safe_load(PROJECT)
    columns = ["age", "plan", "calls", "note", "income"]
    model = {"dataset": "customers", "label": "churned", "columns": columns, "register": {"name": "churn"}}
    if "mae" in block:
        model |= {"label": "income", "columns": columns[:-1]}
    project |= said if "models" in said else {"models": {"churn": model | said}}
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump(project))
    assert load_project(tmp_path, {}).models["churn"]


def test_every_metric_is_in_the_table() -> None:
    text = PAGE.read_text()
    assert [name for name in all_metrics() if f"`{name}`" not in text] == []
