"""The step `verify_online`: which faults of a view fail it, and how it describes them."""

import sqlite3
from datetime import timedelta

import pytest
from driver_stores import change_source, filled, plant

from maestro_ml.features.store import open_store
from maestro_ml.project import load_project
from maestro_ml.steps import StepFolder, run_step

FAULTS = {"missing": 1, "stale": 1, "expired": 8, "unsourced": 1}


@pytest.mark.parametrize(
    ("wrong", "allowed", "outcome"),
    [
        ("stale", "max_stale_share: 0", "failed"),
        ("stale", "max_stale_share: 0.124", "failed"),
        ("stale", "max_stale_share: 0.125", "passed"),
        ("stale", "max_missing_share: 1", "failed"),
        ("missing", "max_missing_share: 0.124", "failed"),
        ("missing", "max_missing_share: 0.125", "passed"),
        ("missing", "max_stale_share: 1", "failed"),
        ("expired", "max_stale_share: 0.99", "failed"),
        ("expired", "max_stale_share: 1", "passed"),
        ("nothing", "max_stale_share: 0", "passed"),
        ("unsourced", "max_stale_share: 1, max_missing_share: 1", "failed"),
        ("no key", "max_stale_share: 1, max_missing_share: 1", "failed"),
    ],
)
def test_the_step_fails_above_what_the_project_allows_and_not_at_it(folder, window, wrong, allowed, outcome):
    file = folder / "maestro.yaml"
    file.write_text(file.read_text().replace("availability: {sample: 5}", f"availability: {{sample: 100, {allowed}}}"))
    project = load_project(folder)
    store = open_store(project)
    store.apply()
    filled(store, window)
    end = window.end
    if wrong == "stale":
        change_source(project, lambda rows: rows.assign(trips=rows.trips + (rows.driver == "d3")))
    elif wrong == "missing":
        with sqlite3.connect(folder / "feature_repo" / "data" / "online.db") as connection:
            connection.execute("DELETE FROM rides_driver_stats WHERE hex(entity_key) LIKE '%' || hex('d3') || '%'")
    elif wrong == "expired":
        end += timedelta(days=2, seconds=2)
    elif wrong == "unsourced":
        plant(store, "d3", window.end - timedelta(seconds=5), 99.0)
    elif wrong == "no key":
        end += timedelta(days=30)

    record = run_step(
        "verify_online", project, StepFolder.of_run(str(folder / "runs"), "dag", "r", "verify_online"), end=end
    )

    assert record.result.outcome == outcome
    if outcome == "failed" and wrong != "no key":
        missing, stale, expired, unsourced = (FAULTS[wrong] if wrong == kind else 0 for kind in FAULTS)
        assert record.result.summary.startswith(
            f"driver_stats: of 8 sampled keys {missing} missing, {stale} stale, {expired} past their ttl online "
            f"and {unsourced} not from the offline source, such as driver="
        )
