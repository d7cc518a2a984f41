"""`maestro ci`: one line for each thing that can be known before a project is deployed."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from maestro_ml.cli.app import run
from maestro_ml.core.errors import SystemFailed
from maestro_ml.rehearsal import ci
from maestro_ml.tables.sources.database.columns import SqlColumn

PODS = {"train": {"spec": {"containers": [{"image": "maestro-training:1"}]}}}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project whose dataset passes. Its DAGs are not imported, which takes Airflow ten seconds."""
    monkeypatch.setattr(ci, "inspected_dags", lambda _: {"dags": {"nightly": ["a"]}, "errors": {}, "pods": {}})
    frame = pd.DataFrame({"at": pd.date_range("2024-01-01", periods=40, freq="D", tz="UTC"), "x": range(40)})
    frame.to_parquet(tmp_path / "orders.parquet")
    write(tmp_path)
    return tmp_path


def write(folder: Path, checks: tuple[dict, ...] = (), **more: object) -> None:
    orders = {
        "source": {"kind": "parquet", "path": "orders.parquet"},
        "timestamp": "at",
        "columns": {"at": {"type": "timestamp"}, "x": {"type": "integer"}},
        "checks": [*checks],
    }
    (folder / "maestro.yaml").write_text(yaml.safe_dump({"name": "shop", "datasets": {"orders": orders}, **more}))


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, int]]:
    document = json.loads(capsys.readouterr().out)
    return {line["what"]: (line["level"], line["code"]) for line in document["lines"]}


def test_a_project_that_is_right_passes_and_leaves_nothing(shop, capsys):
    before = sorted(path.name for path in shop.iterdir())
    assert run(["ci", "--project", str(shop), "--json"]) == 0
    assert lines(capsys) == {
        "project": ("pass", 0),
        "DAGs": ("pass", 0),
        "pods": ("skip", 0),
        "features": ("skip", 0),
        "data of orders": ("pass", 0),
    }
    assert sorted(path.name for path in shop.iterdir()) == before


def test_a_verdict_is_one_and_the_summary_has_it(shop, capsys):
    write(shop, ({"check": "range", "column": "x", "max": 3},))
    summary = shop / "summary.md"
    assert run(["ci", "--project", str(shop), "--json", "--summary", str(summary)]) == 1
    assert lines(capsys)["data of orders"] == ("fail", 1)
    text = summary.read_text()
    assert text.startswith("# ❌ maestro ci: failed")
    assert "| error | quality: range | x |" in text


def test_a_wrong_project_is_two_and_nothing_else_is_tried(shop, capsys):
    write(shop, ({"check": "rnge", "column": "x"},))
    assert run(["ci", "--project", str(shop), "--json"]) == 2
    assert lines(capsys) == {"project": ("fail", 2)}


def test_a_system_that_fails_is_three_and_the_rest_is_tried(shop, capsys, monkeypatch):
    def broken(_: object) -> None:
        raise SystemFailed("Airflow ended")

    monkeypatch.setattr(ci, "inspected_dags", broken)
    assert run(["ci", "--project", str(shop), "--json"]) == 3
    found = lines(capsys)
    assert (found["DAGs"], found["data of orders"]) == (("fail", 3), ("pass", 0))


def test_a_shorter_sample_is_of_the_newest_rows_and_says_nothing_of_their_number(shop, capsys):
    write(shop, ({"check": "rows", "min": 25}, {"check": "range", "column": "x", "min": 35}))
    assert run(["ci", "--project", str(shop), "--json", "--sample", "3d"]) == 0
    assert run(["ci", "--project", str(shop), "--json"]) == 1


@pytest.fixture
def sorted_table(shop: Path) -> Path:
    """Provide a table without a time column, whose last rows break a check."""
    pd.DataFrame({"x": range(100)}).to_parquet(shop / "orders.parquet")
    untimed(shop, {"kind": "parquet", "path": "orders.parquet"})
    return shop


def untimed(folder: Path, source: dict, **more: object) -> None:
    checks = [{"check": "range", "column": "x", "max": 49}, {"check": "rows", "min": 100}]
    orders = {"source": source, "columns": {"x": {"type": "integer"}}, "checks": checks, **more}
    (folder / "maestro.yaml").write_text(yaml.safe_dump({"name": "shop", "datasets": {"orders": orders}}))


def test_of_a_table_without_a_time_the_first_rows_are_a_sample(sorted_table, capsys):
    assert run(["ci", "--project", str(sorted_table), "--rows", "50"]) == 0
    assert "the first 50 rows" in capsys.readouterr().err
    assert run(["ci", "--project", str(sorted_table), "--rows", "51"]) == 1
    assert run(["ci", "--project", str(sorted_table)]) == 1


def test_a_table_that_is_shorter_than_the_sample_is_looked_at_whole(sorted_table, capsys):
    assert run(["ci", "--project", str(sorted_table), "--rows", "100"]) == 1
    assert "the first" not in capsys.readouterr().err


def test_a_sample_of_time_says_that_a_table_without_one_was_looked_at_whole(sorted_table, capsys):
    assert run(["ci", "--project", str(sorted_table), "--sample", "1d"]) == 1
    assert "all rows: it has no time column, and --rows 100000 would limit them" in capsys.readouterr().err


def test_a_sample_of_rows_leaves_a_table_with_a_time_to_its_window(shop):
    write(shop, ({"check": "rows", "min": 25},))
    assert run(["ci", "--project", str(shop), "--rows", "3"]) == 0


def test_the_first_rows_are_not_compared_with_another_distribution(sorted_table):
    drift = {"severity": "error"}
    more = {"drift": drift, "reference": {"kind": "snapshot", "path": "orders.parquet"}}
    untimed(sorted_table, {"kind": "parquet", "path": "orders.parquet"}, **more)
    assert run(["ci", "--project", str(sorted_table), "--rows", "50"]) == 0


def test_a_table_of_a_database_sends_the_sample_only(sorted_table, monkeypatch):
    import sqlite3

    with sqlite3.connect(sorted_table / "shop.db") as database:
        database.execute("CREATE TABLE orders (x INTEGER)")
        database.executemany("INSERT INTO orders VALUES (?)", [(x,) for x in range(100)])
    untimed(sorted_table, {"kind": "sql", "url": "sqlite:///shop.db", "table": "orders"})
    read, add = [], SqlColumn.add
    monkeypatch.setattr(SqlColumn, "add", lambda self, values: read.extend(values) or add(self, values))
    assert run(["ci", "--project", str(sorted_table), "--rows", "20"]) == 0
    assert len(read) == 21  # one more says that there are others


def test_a_folder_of_csv_files_is_sampled_too(sorted_table, capsys):
    for name, start in (("a", 0), ("b", 50)):
        text = "x\n" + "".join(f"{x}\n" for x in range(start, start + 50))
        (sorted_table / "days").mkdir(exist_ok=True)
        (sorted_table / "days" / f"{name}.csv").write_text(text)
    untimed(sorted_table, {"kind": "csv", "path": "days"})
    assert run(["ci", "--project", str(sorted_table), "--rows", "50"]) == 0
    assert run(["ci", "--project", str(sorted_table), "--rows", "60"]) == 1


def test_data_is_left_out_where_ci_cannot_reach_it(shop, capsys):
    (shop / "orders.parquet").unlink()
    assert run(["ci", "--project", str(shop), "--json", "--no-data"]) == 0
    assert lines(capsys)["data"] == ("skip", 0)


def test_a_dag_that_cannot_be_imported_is_named_with_its_error(shop, capsys, monkeypatch):
    trouble = "Traceback\n  File 'nightly.py'\nModuleNotFoundError: No module named 'acme'"
    monkeypatch.setattr(
        ci, "inspected_dags", lambda _: {"dags": {}, "errors": {"dags/nightly.py": trouble}, "pods": {}}
    )
    assert run(["ci", "--project", str(shop), "--no-data"]) == 1
    error = capsys.readouterr().err
    assert "dags/nightly.py cannot be imported: ModuleNotFoundError: No module named 'acme'" in error


def test_pods_are_rendered_where_steps_run_in_some(shop, capsys, monkeypatch):
    write(shop, execution={"mode": "kubernetes", "image": "maestro-training:1", "steps": ["train"]})
    monkeypatch.setattr(ci, "inspected_dags", lambda _: {"dags": {}, "errors": {}, "pods": PODS})
    assert run(["ci", "--project", str(shop), "--no-data"]) == 0
    assert "1 pod spec can be rendered, of maestro-training:1" in capsys.readouterr().err
    monkeypatch.setattr(ci, "inspected_dags", lambda _: {"dags": {}, "errors": {}, "pod_error": "ValueError: no"})
    assert run(["ci", "--project", str(shop), "--no-data"]) == 1


@pytest.mark.scheduler
def test_real_dags_and_pods_of_a_project_are_imported_and_rendered(tmp_path, capsys):
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "orders.parquet")
    write(tmp_path, execution={"mode": "kubernetes", "image": "maestro-training:1", "steps": ["train"]})
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "mine.py").write_text("from airflow.sdk import DAG\nwith DAG('mine'): pass\n")
    (tmp_path / "dags" / "broken.py").write_text("from airflow.sdk import DAG\nimport nowhere_at_all\n")
    assert run(["ci", "--project", str(tmp_path), "--no-data", "--json"]) == 1
    found = {line["what"]: line for line in json.loads(capsys.readouterr().out)["lines"]}
    assert "broken.py cannot be imported: ModuleNotFoundError" in found["DAGs"]["found"]
    assert (found["pods"]["level"], found["pods"]["details"]) == ("pass", ["train"])
