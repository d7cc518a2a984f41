"""A step of a project's own: that of docs/extending.md, as it stands there."""

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maestro_ml.cli.app import run
from maestro_ml.project import RequestError, load_project
from maestro_ml.steps import StepFolder, find_step, run_step

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
PROJECT = """\
name: shop
datasets:
  orders:
    source: {kind: csv, path: orders.csv}
    timestamp: at
    window: 31d
    columns: {at: {type: timestamp}, n: {type: integer}}
"""
FEBRUARY = datetime(2024, 2, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    section = PAGE.read_text().partition("## A step\n")[2].partition("## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("    ") or not line]
    (tmp_path / "exports.py").write_text(textwrap.dedent("\n".join(lines)))
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    (tmp_path / "orders.csv").write_text("at,n\n2023-12-31T00:00Z,1\n2024-01-01T00:00Z,2\n2024-01-31T00:00Z,3\n")
    return tmp_path


def test_the_example_is_twenty_lines_or_so(folder):
    assert len([line for line in (folder / "exports.py").read_text().splitlines() if line.strip()]) <= 20


def test_it_leaves_its_result_and_its_files_in_the_run_store(folder):
    project = load_project(folder, {})
    place = StepFolder(f"{folder}/runs/cli/x", "exports.EXPORT", "orders")
    record = run_step("exports.EXPORT", project, place, end=FEBRUARY)
    assert (record.step, record.result.outcome, record.result.summary) == ("export", "passed", "wrote 2 rows")
    written = Path(record.result.artifacts["rows"]).read_text()
    assert written.splitlines() == ["at,n", "2024-01-01 00:00:00+00,2", "2024-01-31 00:00:00+00,3"]


def test_it_works_on_the_command_line(folder, capfd):
    command = ["run", "exports.EXPORT", "--target", "orders", "--project", str(folder), "--at", "2024-02-01"]
    assert run(command) == 0
    assert "wrote 2 rows" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("exports.EXPRT", "has no 'EXPRT'; did you mean 'EXPORT'?"),
        ("exprts.EXPORT", "cannot be imported: No module named 'exprts'"),
        ("exports.export", "exports.export is no step"),
        ("exporter", "no step 'exporter'"),
    ],
)
def test_a_name_that_leads_to_no_step_is_one_error(folder, name, words):
    load_project(folder, {})
    with pytest.raises(RequestError) as caught:
        find_step(name)
    assert words in str(caught.value)


def test_a_target_that_is_none_is_refused(folder):
    project = load_project(folder, {})
    place = StepFolder(f"{folder}/runs/cli/x", "exports.EXPORT", "ordrs")
    with pytest.raises(RequestError, match="no dataset 'ordrs'; did you mean 'orders'"):
        run_step("exports.EXPORT", project, place, end=FEBRUARY)
