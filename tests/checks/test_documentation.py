"""The documentation's tables are what the code declares."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
reference = runpy.run_path(str(ROOT / "ci/extension_reference.py"))


def test_no_table_is_stale():
    assert reference["stale"]() == []


def test_every_check_and_every_method_has_a_row():
    assert "| `sum_between` | `column`, `min`, `max` | The values of" in (ROOT / "docs/checks.md").read_text()
    assert "| `wasserstein` | numbers |" in (ROOT / "docs/drift.md").read_text()
