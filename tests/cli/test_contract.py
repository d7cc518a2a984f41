"""The command line contract: exit codes, one JSON document on stdout, everything else on stderr."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from forked import MAESTRO, run_forked
from forked import maestro as run_maestro

PROJECT = """\
name: shop
datasets:
  orders:
    source: {kind: parquet, path: orders.parquet}
    timestamp: at
    window: 10d
    columns: {at: {type: timestamp}, price: {type: number}}
    checks: [{check: range, column: price, min: 0}]
"""


def maestro(*arguments: str, project: Path | None = None) -> subprocess.CompletedProcess[str]:
    return run_maestro(*arguments, *(("--project", project) if project else ()))


@pytest.fixture
def shop(tmp_path):
    """Provide a project whose orders cost 0, 1, 2 ... on the ten days before 11 January 2013."""
    import pandas as pd

    days = [datetime(2013, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(10)]
    pd.DataFrame({"at": days, "price": [float(n) for n in range(10)]}).to_parquet(tmp_path / "orders.parquet")
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    return tmp_path


def test_done_and_passed_is_0_with_one_json_document(shop):
    result = maestro("validate", "orders", "--at", "2013-01-11", "--json", project=shop)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    (step,) = document["steps"]
    assert document["outcome"] == "passed"
    assert step["step"] == "validate"
    assert step["target"] == "orders"
    assert step["window_start"] == "2013-01-01T00:00:00Z"
    assert step["window_end"] == "2013-01-11T00:00:00Z"
    assert step["seconds"] > 0
    assert Path(step["result"]["artifacts"]["report"]).is_file()
    assert (Path(step["uri"]) / "result.json").is_file()


def test_a_verdict_of_fail_is_1_and_the_report_is_there(shop):
    text = PROJECT.replace("min: 0", "min: 5")
    (shop / "maestro.yaml").write_text(text)
    result = maestro("validate", "orders", "--at", "2013-01-11", "--json", project=shop)
    assert result.returncode == 1, result.stderr
    document = json.loads(result.stdout)
    assert document["outcome"] == "failed"
    assert Path(document["steps"][0]["result"]["artifacts"]["report"]).is_file()


def test_people_read_stderr_and_stdout_stays_empty(shop):
    result = maestro("validate", "orders", "--at", "2013-01-11", project=shop)
    assert result.stdout == ""
    assert "passed validate orders" in result.stderr
    assert "report.html" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("validate", "ordrs"), "no dataset 'ordrs'; did you mean 'orders'?"),
        (("run", "validat"), "no step 'validat'; did you mean 'validate'?"),
        (("run", "validate", "--target", "orders", "--param", "stages=schmea"), "parameters of validate: stages.0"),
        (("run", "validate", "--target", "orders", "--param", "stages"), "--param is NAME=VALUE; found 'stages'"),
        (("validate", "orders", "--start", "2013-02-01", "--end", "2013-01-01"), "is not before --end"),
        (("validate", "orders", "--at", "yesterday"), "'yesterday' is not a time"),
        (("materialize",), "no features section"),
        (("train", "tree"), "no model 'tree'; the project has none"),
        (("suggest",), "Missing argument 'dataset'"),
        (("validate", "orders", "--junit", "/nope/x.xml"), "/nope/x.xml cannot be written: there is no folder /nope"),
    ],
)
def test_a_wrong_request_is_2_and_nothing_is_done(shop, arguments, said):
    result = maestro(*arguments, project=shop)
    assert result.returncode == 2, result.stderr
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr
    assert not (shop / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("validate", "orders", "--nope"), "No such option: --nope"),
        (("validate", "orders", "--at", "yesterday"), "'yesterday' is not a time"),
        (("history",), "Missing argument 'dataset'"),
        (("vallidate",), "No such command 'vallidate'"),
    ],
)
def test_a_command_line_that_is_wrong_is_a_document_too(shop, arguments, message):
    result = maestro(*arguments, "--json", project=shop)
    assert result.returncode == 2
    document = json.loads(result.stdout)
    assert document["exit_code"] == 2
    assert message in document["error"]
    assert message in result.stderr


def test_an_error_nobody_foresaw_is_one_line_and_its_traceback_a_file_in_the_run(shop):
    broken = "from maestro_ml.validation import run; run.verdict_of = lambda findings: {}['x']; "
    arguments = ("validate", "orders", "--at", "2013-01-11", "--json", "--project", shop)
    result = run_forked(broken + MAESTRO, *arguments)
    assert result.returncode == 3
    document = json.loads(result.stdout)
    assert document["outcome"] == "error"
    assert document["error"].startswith("validate orders: an unexpected error, KeyError: 'x'; ")
    assert "\n" not in document["error"]
    assert "Traceback" not in result.stderr
    [file] = (shop / "runs").rglob("traceback.txt")
    assert document["error"].endswith(str(file))
    assert "KeyError" in file.read_text()
    assert maestro("validate", "orders", "--at", "2013-01-11", project=shop).returncode == 0
    assert not file.exists()


def test_a_broken_project_file_is_2_with_every_problem(shop):
    (shop / "maestro.yaml").write_text(PROJECT + "storr: x\nteam: 3x\n")
    result = maestro("validate", "orders", "--json", project=shop)
    assert result.returncode == 2
    assert json.loads(result.stdout)["exit_code"] == 2
    assert "maestro.yaml:9: storr: unknown key; did you mean 'store'?" in result.stderr
    assert "maestro.yaml:10: team:" in result.stderr


def test_no_project_here_is_2(tmp_path):
    result = maestro("validate", "orders", project=tmp_path)
    assert result.returncode == 2
    assert "no such file; --project names the folder that holds maestro.yaml" in result.stderr


def test_a_missing_source_is_2_and_nothing_is_done(shop):
    (shop / "orders.parquet").unlink()
    result = maestro("validate", "orders", "--at", "2013-01-11", "--json", project=shop)
    assert result.returncode == 2
    assert not (shop / "runs").exists()
    assert json.loads(result.stdout)["outcome"] == "error"
    assert "orders.parquet" in result.stderr
    assert "Traceback" not in result.stderr


def test_schema_is_a_json_schema_that_knows_the_keys():
    result = maestro("schema")
    assert result.returncode == 0
    assert {"datasets", "features", "models", "execution"} <= set(json.loads(result.stdout)["properties"])


def test_help_names_every_command():
    result = maestro("--help")
    assert result.returncode == 0
    for command in ("validate", "suggest", "history", "materialize", "train", "run", "demo", "schema"):
        assert command in result.stdout


def test_the_history_of_a_dataset_as_a_table_and_as_json(shop):
    for day in ("2013-01-09", "2013-01-11"):
        maestro("validate", "orders", "--at", day, project=shop)
    table = maestro("history", "orders", project=shop)
    assert table.returncode == 0, table.stderr
    runs = [line.split()[:4] for line in table.stdout.splitlines()[2:]]
    assert runs == [["2013-01-09", "00:00", "pass", "8"], ["2013-01-11", "00:00", "pass", "10"]]
    result = maestro("history", "orders", "--at", "2013-01-09", "--json", project=shop)
    (run,) = json.loads(result.stdout)["runs"]
    assert run["values"]["rows"] == {"": 8.0}
    assert run["values"]["missing_share"]["price"] == 0.0


def test_no_history_yet_is_said_and_is_no_error(shop):
    result = maestro("history", "orders", project=shop)
    assert (result.returncode, result.stdout) == (0, "")
    assert "no run of orders before" in result.stderr
    assert maestro("history", "ordrs", project=shop).returncode == 2


def test_junit_and_markdown_on_request_also_where_the_verdict_is_no(shop):
    (shop / "maestro.yaml").write_text(PROJECT.replace("min: 0", "min: 5"))
    (shop / "ci").mkdir()
    junit, markdown = shop / "ci" / "junit.xml", shop / "ci" / "summary.md"
    files = ("--junit", str(junit), "--markdown", str(markdown))
    result = maestro("validate", "orders", "--at", "2013-01-11", *files, project=shop)
    assert result.returncode == 1, result.stderr
    assert '<failure message="price: 5 of 10' in junit.read_text()
    assert "orders: fail" in markdown.read_text()
    assert sorted(path.name for path in junit.parent.iterdir()) == ["junit.xml", "summary.md"]


def test_a_summary_that_cannot_be_written_is_said(shop):
    folder = maestro("validate", "orders", "--junit", str(shop), "--at", "2013-01-11", project=shop)
    assert folder.returncode == 2
    assert "is a folder" in folder.stderr
    assert not (shop / "runs").exists()
    below_a_file = str(shop / "maestro.yaml" / "junit.xml")
    result = maestro("validate", "orders", "--junit", below_a_file, "--at", "2013-01-11", project=shop)
    assert result.returncode == 2
    assert "junit.xml cannot be written" in result.stderr


def test_suggested_checks_go_to_stdout_and_nothing_is_judged(shop):
    lines = maestro("suggest", "orders", "--at", "2013-01-11", project=shop)
    assert lines.returncode == 0, lines.stderr
    assert "{check: rows, min: 5, max: 20}  # 10 rows in this window" in lines.stdout
    document = json.loads(maestro("suggest", "orders", "--at", "2013-01-11", "--json", project=shop).stdout)
    assert {"check": {"check": "missing", "column": "price"}, "evidence": "0 of 10 missing"} in document["checks"]
    assert not (shop / "runs").exists()
