"""`--at latest`, and the message of a window without rows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml

from maestro_ml.cli.app import run

COLUMNS = {"at": {"type": "timestamp"}, "x": {"type": "integer"}}
YEAR = [datetime(2013, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365)]


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Provide `project(times, **dataset)`, which writes a table with a row at each time, and a project of it."""

    def write(times: list[object], **dataset: object) -> Path:
        pd.DataFrame({"at": pd.to_datetime(times, utc=True), "x": range(len(times))}).to_parquet(tmp_path / "q.parquet")
        given = {"source": {"kind": "parquet", "path": "q.parquet"}, "timestamp": "at", "window": "7d"}
        datasets = {"q": given | {"columns": COLUMNS} | dataset}
        (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "q", "datasets": datasets}))
        return tmp_path

    return write


@pytest.fixture
def document(capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, dict]]:
    def of(folder: Path, *arguments: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = run([*arguments, "--json", "--project", str(folder)])
        return code, json.loads(capsys.readouterr().out)

    return of


def test_the_window_ends_with_the_newest_row(project, document):
    code, found = document(project(YEAR), "validate", "q", "--at", "latest")
    [step] = found["steps"]
    assert (code, step["result"]["rows"]) == (0, 7)
    assert step["window_end"] == "2013-12-31T00:00:00.000001Z"


def test_a_row_of_the_future_is_not_the_latest_unless_all_are(project, document):
    _, found = document(project([*YEAR, "2199-01-01"]), "run", "validate", "--target", "q", "--at", "latest")
    assert found["steps"][0]["window_end"] == "2013-12-31T00:00:00.000001Z"
    _, found = document(project(["2199-01-01"]), "validate", "q", "--at", "latest")
    assert found["steps"][0]["result"]["rows"] == 1


@pytest.mark.parametrize(
    ("times", "dataset", "arguments", "part"),
    [
        ([], {}, ("validate", "q"), "has no row with a time"),
        ([None], {}, ("validate", "q"), "has no row with a time"),
        (YEAR, {}, ("validate", "nothing"), "of a dataset or of a model's dataset"),
        (YEAR, {}, ("materialize",), "give a time instead"),
        (YEAR, {"columns": COLUMNS | {"at": {"type": "timestamp", "pii": True}}}, ("validate", "q"), "marked pii"),
    ],
)
def test_where_there_is_no_latest_row_it_is_refused(project, document, times, dataset, arguments, part):
    code, found = document(project(times, **dataset), *arguments, "--at", "latest")
    assert (code, part in found["error"]) == (2, True)


def test_latest_needs_a_timestamp(project, document):
    folder = project(YEAR)
    datasets = {"q": {"source": {"kind": "parquet", "path": "q.parquet"}, "columns": COLUMNS}}
    (folder / "maestro.yaml").write_text(yaml.safe_dump({"name": "q", "datasets": datasets}))
    code, found = document(folder, "validate", "q", "--at", "latest")
    assert (code, "no timestamp: no row is the latest" in found["error"]) == (2, True)


def rows_message(found: dict) -> str:
    report = json.loads(Path(found["steps"][0]["result"]["artifacts"]["findings"]).read_text())
    return next(f["message"] for f in report["findings"] if f["check"] == "rows")


def test_an_empty_window_says_where_the_data_are(project, document):
    code, found = document(project(YEAR), "validate", "q", "--at", "2026-11-27")
    assert code == 1
    expected = "; the data run from 2013-01-01 00:00 to 2013-12-31 00:00 UTC: try --at latest, or --at 2014-01-01"
    assert rows_message(found).endswith(expected)
    code, found = document(project(YEAR), "suggest", "q", "--at", "2026-11-27")
    assert (code, expected in found["error"]) == (2, True)


def test_a_window_in_a_gap_is_not_sent_to_the_end(project, document):
    _, found = document(project([YEAR[0], YEAR[-1]]), "validate", "q", "--at", "2013-06-01")
    assert rows_message(found).endswith("; the data run from 2013-01-01 00:00 to 2013-12-31 00:00 UTC")


def test_times_that_are_pii_are_not_shown(project, document):
    folder = project(YEAR, columns=COLUMNS | {"at": {"type": "timestamp", "pii": True}})
    assert "2013" not in rows_message(document(folder, "validate", "q", "--at", "2026-11-27")[1])
