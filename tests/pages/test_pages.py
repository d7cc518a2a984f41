"""The run store as pages: what they show, what is escaped, what is refused."""

import json
from pathlib import Path

import pytest

from maestro_ml.pages.answers import Site
from maestro_ml.pages.runs import RUNS, read_runs
from maestro_ml.project import load_project
from maestro_ml.steps.models import ledger_of

PROJECT = """
name: shop
datasets:
  orders: {source: {kind: parquet, path: orders.parquet}, timestamp: at}
models:
  returned: {dataset: orders, label: returned, columns: [amount], register: {name: shop_returned}}
features: {}
"""


def leave(store: Path, place: str, summary: str = "fine", **more: object) -> Path:
    """Write the result of a step as a run leaves it."""
    dag, run, step, *target = place.split("/")
    folder = store.joinpath(dag, run, step, *target)
    folder.mkdir(parents=True)
    record = {"step": step, "target": "/".join(target), "window_start": "2024-01-01T00:00:00Z", "version": "0.1.0"}
    record |= {"window_end": "2024-01-02T00:00:00Z", "finished_at": "2024-01-02T00:01:00Z", "seconds": 1.5}
    result = {"outcome": "passed", "summary": summary, "metrics": [], **more}
    (folder / "result.json").write_text(json.dumps({**record, "result": result}))
    return folder


def verdict(value: int, rows: int) -> dict[str, object]:
    samples = {"maestro.validation.verdict": value, "maestro.validation.rows": rows}
    return {
        "metrics": [{"name": name, "value": each, "labels": {"dataset": "orders"}} for name, each in samples.items()]
    }


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    project = load_project(tmp_path, {})
    return Site(project, project.locate(project.store))


@pytest.fixture
def store(site: Site) -> Path:
    return Path(site.store)


def text(site: Site, path: str = "", status: int = 200) -> str:
    answer = site.answer(path)
    assert answer.status == status
    return answer.body.decode()


def test_an_empty_store_says_how_to_make_a_run(site: Site) -> None:
    page = text(site)
    assert "not validated yet" in page
    assert "not trained yet" in page
    assert "maestro validate --at latest" in page


def test_the_first_page_names_verdicts_decisions_and_runs(site: Site, store: Path) -> None:
    leave(store, "cli/2024-01-02T000000Z/validate/orders", "orders fail: 1 error", **verdict(2, 40))
    leave(store, "cli/2024-01-02T000000Z/evaluate/returned", "passed the gate")
    page = text(site)
    assert '<span class="badge fail">fail</span>' in page
    assert "orders fail: 1 error" in page
    assert "passed the gate" in page
    assert 'href="runs/cli/2024-01-02T000000Z"' in page


def test_a_dataset_shows_its_verdicts_over_time_and_its_reports(site: Site, store: Path) -> None:
    folder = leave(store, "daily/scheduled__2024-01-02T00-00-00/validate/orders", **verdict(1, 40))
    (folder / "report.html").write_text("<p>the report</p>")
    (folder / "training_set.parquet").write_bytes(b"rows")
    page = text(site, "datasets/orders")
    assert '<span class="badge warn">01-02</span>' in page
    link = "files/daily/scheduled__2024-01-02T00-00-00/validate/orders/report.html"
    assert f'href="../{link}"' in page
    assert "training_set.parquet" not in page
    assert text(site, link) == "<p>the report</p>"


def test_a_model_shows_its_candidates_and_the_moves_of_its_aliases(site: Site, store: Path) -> None:
    metric = {"name": "maestro.training.metric", "value": 0.91, "labels": {"model": "returned", "metric": "accuracy"}}
    folder = leave(store, "cli/one/evaluate/returned", metrics=[metric])
    (folder / "decision_record.html").write_text("why")
    leave(store, "cli/one/register/returned", "version 1 is now 'staging'")
    facts = {"actor": "ann", "why": "it is <b>better</b>", "evidence": ""}
    ledger_of(site.store, "shop_returned").append("shop_returned", "champion", "1", None, facts)
    page = text(site, "models/returned")
    assert "0.91" in page
    assert "decision_record.html" in page
    assert "it is &lt;b&gt;better&lt;/b&gt;" in page
    assert "version 1 is now" in page
    assert "champion 1" in text(site)


def test_a_broken_ledger_is_shown_as_such(site: Site, store: Path) -> None:
    (store / "ledger/shop_returned").mkdir(parents=True)
    (store / "ledger/shop_returned/000002.json").write_text("{}")
    assert "the ledger has no entry 1" in text(site, "models/returned")


def test_a_run_and_the_features_show_their_steps(site: Site, store: Path) -> None:
    leave(store, "feast/manual__1/materialize", "12 keys online")
    assert "12 keys online" in text(site, "runs/feast/manual__1")
    assert "12 keys online" in text(site, "features")


def test_everything_from_a_run_is_escaped(site: Site, store: Path) -> None:
    leave(store, "cli/one/validate/orders", "<script>alert(1)</script> \u202e", **verdict(0, 1))
    for path in ("", "datasets/orders", "runs/cli/one"):
        page = text(site, path)
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "\u202e" not in page


def test_a_result_that_cannot_be_read_is_named(site: Site, store: Path) -> None:
    (leave(store, "cli/one/validate/orders") / "result.json").write_text("{")
    assert "cli/one/validate/orders" in text(site)


@pytest.mark.parametrize(
    "path",
    [
        "datasets/nothing",
        "models/nothing",
        "runs/cli/nothing",
        "files/cli/one/validate/orders/model.skops",
        "files/cli/one/validate/orders/../../../../../maestro.yaml",
        "files/cli/one/validate/.hidden/report.html",
        "files/../../etc/report.html",
        "files/cli//one/report.html",
        "files/cli/one/validate\\..\\x/orders/report.html",
        "files/cli/one/validate/orders/report.html\0",
        "nothing",
    ],
)
def test_what_is_not_a_page_is_not_found(site: Site, store: Path, path: str) -> None:
    folder = leave(store, "cli/one/validate/orders")
    (folder / "model.skops").write_bytes(b"model")
    assert "There is no such page" in text(site, path, 404)


def test_a_link_out_of_the_store_is_not_followed(site: Site, store: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/report.html").write_text("secret")
    folder = leave(store, "cli/one/validate/orders")
    (folder / "report.html").symlink_to(tmp_path / "secret/report.html")
    (store / "cli/one/link").symlink_to(tmp_path / "secret")
    text(site, "files/cli/one/validate/orders/report.html", 404)
    text(site, "files/cli/one/link/report.html", 404)


def test_a_store_that_cannot_be_reached_is_said(site: Site) -> None:
    assert "cannot be used" in text(Site(site.project, "nosuch://bucket"), "", 502)


def test_only_the_newest_runs_of_a_dag_are_read(store: Path) -> None:
    for day in range(1, RUNS + 4):
        leave(store, f"daily/scheduled__2024-01-{day:02}T00-00-00/validate/orders")
    leave(store, "daily/manual__2024-02-01T00-00-00/validate/orders")
    names = {step.run for step in read_runs(str(store)).steps}
    assert len(names) == RUNS
    assert "manual__2024-02-01T00-00-00" in names
    assert "scheduled__2024-01-04T00-00-00" not in names


def test_no_script_and_nothing_from_elsewhere_may_run(site: Site) -> None:
    policy = site.answer("").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
