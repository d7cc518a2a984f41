"""The feature steps, run whole on the flights project."""

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maestro_ml.project import RequestError, Window, load_project
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.steps.build_features import TRAINING_SET

END = datetime(2013, 11, 2, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def project(flights, tmp_path_factory):
    """Provide the data of the flights project with a feature repo and run store of this module's own."""
    folder = tmp_path_factory.mktemp("feature_steps")
    shutil.copytree(flights / "feature_repo", folder / "feature_repo", ignore=shutil.ignore_patterns("data"))
    shutil.copy(flights / "maestro.yaml", folder)
    (folder / "data").symlink_to(flights / "data")
    return load_project(folder, {})


def run(project, step, target="", end=END, run_id="run"):
    folder = StepFolder.of_run(project.locate(project.store), "dag", run_id, step, target)
    return run_step(step, project, folder, end=end).result


def samples(result):
    return {(sample.name, *sample.labels.values()): sample.value for sample in result.metrics}


def test_check_materialize_verify(project):
    checked = run(project, "check_features")
    assert checked.store.views == ["carrier_history", "origin_conditions", "route_history"]

    materialized = run(project, "materialize")
    assert materialized.outcome == "passed"
    assert samples(materialized)["maestro.features.rows", "origin_conditions"] == 3
    # the newest hour before 02:00 is 01:00, the newest day is today's, stamped midnight
    assert samples(materialized)["maestro.features.staleness_seconds", "origin_conditions"] == 3600
    assert samples(materialized)["maestro.features.staleness_seconds", "route_history"] == 7200

    verified = run(project, "verify_online")
    assert verified.outcome == "passed"
    assert {view.view: view.sampled for view in verified.views}["route_history"] == 193
    assert samples(verified)["maestro.features.missing_share", "route_history"] == 0

    (project.root / "feature_repo" / "data" / "online.db").unlink()
    lost = run(project, "verify_online")
    assert lost.outcome == "failed"
    # of one route, all values are past their ttl, and none is missed
    assert "route_history: of 193 sampled keys 192 missing" in lost.summary
    assert samples(lost)["maestro.features.missing_share", "carrier_history"] == 1

    assert run(project, "materialize").outcome == "passed"
    assert run(project, "verify_online").outcome == "passed"


def test_a_planted_value_that_materialization_keeps_fails_the_check(project):
    from maestro_ml.features.offline import latest_in_window
    from maestro_ml.features.store import open_store

    assert run(project, "materialize").outcome == "passed"
    store = open_store(project)
    [view] = store.views(["origin_conditions"])
    row = latest_in_window(store, view, Window(END - timedelta(days=1), END)).slice(0, 1).to_pandas()
    stamp = view.batch_source.timestamp_field
    store.feast.write_to_online_store(view.name, row.assign(**{stamp: row[stamp] + timedelta(days=3000)}))

    assert run(project, "materialize").outcome == "passed"
    verified = run(project, "verify_online")

    assert verified.outcome == "failed"
    assert (
        "origin_conditions: of 3 sampled keys 0 missing, 0 stale, 0 past their ttl online and 1 not" in verified.summary
    )


def test_a_window_without_features_fails_materialization(project):
    later = datetime(2015, 1, 1, tzinfo=UTC)

    assert run(project, "materialize", end=later).outcome == "failed"
    assert run(project, "verify_online", end=later).summary == "no key in the window to look for"


def test_build_features_leaves_the_training_set_and_says_what_its_columns_are_for(project):
    import pyarrow.parquet as pq

    result = run(project, "build_features", "late_at_scheduling", end=datetime(2013, 12, 1, tzinfo=UTC))

    described = result.training_set
    assert (described.rows, described.dropped_unlabelled) == (111_312, 1_703)
    assert (described.label, described.timestamp) == ("late", "scheduled_departure")
    assert "dep_delay" not in described.features
    assert "route_late_share_28d" in described.features
    file = Path(result.artifacts["training set"])
    assert described.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    schema = pq.read_schema(file)
    assert set(schema.names) == {*described.features, "late", "scheduled_departure", "flight_id"}
    assert result.artifacts["training set"].endswith(TRAINING_SET)


def test_a_project_without_features_is_refused(mini, tmp_path):
    text = (mini / "maestro.yaml").read_text().replace("features: {}\n", "")
    (tmp_path / "maestro.yaml").write_text(text)

    with pytest.raises(RequestError, match="no features section"):
        run(load_project(tmp_path), "check_features")
