"""`maestro import`, from a file of another tool to a verdict."""

import json
from pathlib import Path

import pytest
import yaml

from maestro_ml.cli.app import run
from maestro_ml.project import load_project

SUITE = {
    "name": "orders",
    "expectations": [
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "min_value": 0, "mostly": 0.5}},
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "shop", "value_set": ["a"]}},
        {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "amount", "regex": "1"}},
        {"type": "expect_column_values_to_be_in_orbit", "kwargs": {"column": "id"}},
    ],
}
ROWS = "id,amount,shop\n1,5,a\n2,-3,b\n3,,a\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "orders.csv").write_text(ROWS)
    (tmp_path / "suite.json").write_text(json.dumps(SUITE))
    return tmp_path / "suite.json"


def test_the_snippet_loads_as_a_dataset_and_lists_what_is_lost(suite, capsys):
    assert run(["import", "gx", str(suite)]) == 0
    out, err = capsys.readouterr()
    [(name, dataset)] = yaml.safe_load(f"datasets:\n{out}")["datasets"].items()
    assert (name, len(dataset["checks"])) == ("orders", 4)
    assert "expect_column_values_to_be_in_orbit(id): it is an expectation of its own" in out
    assert "4 of 5 checks imported" in err


def test_a_new_project_holds_the_table_its_types_and_the_verdict_of_the_suite(suite, tmp_path, capsys):
    arguments = ["import", "gx", str(suite), "--data", str(tmp_path / "orders.csv"), "--into", str(tmp_path / "new")]
    assert run(arguments) == 0
    assert "needs text" in capsys.readouterr().err  # a number has no text to match
    dataset = load_project(tmp_path / "new").datasets["orders"]
    assert {name: column.type for name, column in dataset.columns.items()} == {
        "id": "integer",
        "amount": "integer",
        "shop": "string",
    }
    assert [check.check for check in dataset.checks] == ["missing", "range", "allowed"]
    assert run(["validate", "--project", str(tmp_path / "new"), "--json"]) == 1
    assert "allowed" in capsys.readouterr().err


def test_a_project_file_is_never_replaced(suite, tmp_path, capsys):
    (tmp_path / "maestro.yaml").write_text("name: mine\n")
    arguments = ["import", "gx", str(suite), "--data", str(tmp_path / "orders.csv"), "--into", str(tmp_path)]
    assert run(arguments) == 2
    assert (tmp_path / "maestro.yaml").read_text() == "name: mine\n"
    assert "nothing was written" in capsys.readouterr().err


def test_the_document_has_what_the_snippet_has(suite, capsys):
    assert run(["import", "gx", str(suite), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    found = document["datasets"]["orders"]
    assert found["dataset"]["checks"][0] == {"check": "missing", "column": "id"}
    assert [lost["name"] for lost in found["no_counterpart"]] == ["expect_column_values_to_be_in_orbit(id)"]


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("checks for a:\n  - row_count > 0\n", ["--into", "x"], "--into needs --data"),
        ("checks for a:\n  - row_count > 0\n", ["--table", "b"], "no table 'b'; there are: a"),
        ("checks for a: []\n", [], "no check of Soda"),
        ("a: [", [], "cannot be read"),
        (
            "checks for a:\n  - row_count > 0\nchecks for b:\n  - row_count > 0\n",
            ["--data", "x.csv"],
            "choose with --table",
        ),
    ],
)
def test_what_cannot_be_imported_is_refused(tmp_path, capsys, text, arguments, message):
    (tmp_path / "checks.yml").write_text(text)
    assert run(["import", "soda", str(tmp_path / "checks.yml"), *arguments]) == 2
    assert message in capsys.readouterr().err
