"""The DAG files: ids, schedules, deadlines, owners, retries, and what importing them costs."""

import json
import runpy
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import maestro_ml.dags
from maestro_ml.airflow.bundle import MaestroDagBundle

PIPELINES = {
    "feast_feature_materialization": ("0 2 * * *", timedelta(minutes=30)),
    "model_training_pipeline": ("0 4 * * 0", timedelta(hours=2)),
    "data_validation_pipeline": ("0 */6 * * *", timedelta(minutes=15)),
}
FILES = sorted(Path(next(iter(maestro_ml.dags.__path__))).glob("[a-z]*.py"))


@pytest.fixture(scope="module")
def dags():
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(MaestroDagBundle(name="maestro").path, bundle_name="maestro")
    assert bag.import_errors == {}
    return bag.dags


def test_the_bundle_serves_the_three_pipelines_and_the_canary(dags):
    assert set(dags) == {*PIPELINES, "maestro_canary"}


@pytest.mark.parametrize("dag_id", PIPELINES)
def test_schedule_deadline_and_habits(dags, dag_id):
    schedule, deadline = PIPELINES[dag_id]
    dag = dags[dag_id]
    assert dag.schedule == schedule
    assert [alert.interval for alert in dag.deadline] == [deadline]
    assert type(dag.deadline[0].reference).__name__ == "RunQueued"
    assert not dag.catchup
    assert dag.max_active_runs == 1
    assert {"maestro", "mini"} <= set(dag.tags)
    assert dag.doc_md
    for task in dag.tasks:
        assert task.owner == "tests"
        assert task.retries == 2
        assert task.execution_timeout == deadline
        assert task.retry_exponential_backoff
        assert task.queue == "default"
        assert task.retry_delay == timedelta(seconds=30)


def test_the_steps_and_their_order(dags):
    def order(dag_id):
        return [task.task_id for task in dags[dag_id].topological_sort()]

    assert order("feast_feature_materialization") == ["check_features", "materialize", "verify_online"]
    assert order("data_validation_pipeline") == ["validate", "validated"]
    assert order("model_training_pipeline") == [
        "validate_training",
        *(f"model.{step}" for step in ("build_features", "train", "evaluate", "register")),
        "registered",
    ]


def test_every_dataset_and_model_is_mapped(dags):
    from airflow.sdk.definitions.mappedoperator import MappedOperator

    validate = dags["data_validation_pipeline"].get_task("validate")
    assert isinstance(validate, MappedOperator)
    assert validate.expand_input.value == {"target": ["trips", "depots"]}
    judged = dags["model_training_pipeline"].get_task("validate_training")
    assert judged.expand_input.value == {"target": ["first"]}, "both learn from the same rows"
    group = dags["model_training_pipeline"].task_group.get_child_by_label("model")
    assert group._expand_input.value == {"target": ["first", "second"]}


def test_pipelines_produce_assets_others_can_wait_for(dags):
    outlets = {asset.name for dag in dags.values() for task in dag.tasks for asset in task.outlets}
    assert outlets == {"mini_validated", "mini_online_features", "mini_registered"}


def test_a_mapped_task_emits_no_asset_event_of_its_own(dags):
    """It would emit one for each target that succeeds, also where another fails."""
    from airflow.sdk.definitions.mappedoperator import MappedOperator

    for dag in dags.values():
        for task in dag.tasks:
            mapped = isinstance(task, MappedOperator) or task.get_closest_mapped_task_group() is not None
            assert not (mapped and task.outlets), task.task_id


def test_parsing_twice_gives_the_same_serialised_dags(dags):
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    again = DagBag(MaestroDagBundle(name="maestro").path, bundle_name="maestro").dags
    for dag_id in dags:
        first, second = (json.dumps(DagSerialization.to_dict(bag[dag_id]), sort_keys=True) for bag in (dags, again))
        assert first == second


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_dag_files_are_short_wiring(file):
    assert len(file.read_text().splitlines()) < 80


def test_importing_the_dags_loads_no_heavy_library_and_touches_only_the_project_file():
    """Cost is held by what is loaded, not by a clock: a timed assertion fails on a busy machine."""
    code = f"""
import json, re, sys
import airflow.sdk, maestro_ml.project
before = set(sys.modules)
opened = []
watched = ("open", "socket.connect")
sys.addaudithook(lambda event, args: opened.append((event, str(args[0]))) if event in watched else None)
for name in {[file.stem for file in FILES]!r}:
    __import__("maestro_ml.dags." + name)
heavy = {{"pandas", "numpy", "duckdb", "pyarrow", "sklearn", "scipy", "feast", "mlflow", "kubernetes", "apprise"}}
print(sorted(heavy & {{m.split(".")[0] for m in set(sys.modules) - before}}))
code = re.compile(r"/dev/null|\\d+|.*\\.(py|pyc|pyc\\.\\d+|so|pth|txt)")
print(json.dumps(sorted({{p for e, p in opened if e != "open" or not code.fullmatch(p)}})))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy, opened = result.stdout.splitlines()[-2:]
    assert heavy == "[]"
    assert [Path(p).name for p in json.loads(opened)] == ["maestro.yaml"]


def test_a_mistake_in_the_project_file_is_the_import_error(tmp_path, monkeypatch):
    from maestro_ml.project import ProjectError

    (tmp_path / "maestro.yaml").write_text("name: broken\ndatasts: {}\n")
    monkeypatch.setenv("MAESTRO_PROJECT", str(tmp_path))
    with pytest.raises(ProjectError, match=r"maestro.yaml:2: datasts: unknown key; did you mean 'datasets'\?"):
        runpy.run_module("maestro_ml.dags.data_validation_pipeline")


def test_without_a_project_the_error_says_what_to_set(monkeypatch):
    from maestro_ml.project import RequestError

    monkeypatch.delenv("MAESTRO_PROJECT")
    with pytest.raises(RequestError, match="set MAESTRO_PROJECT"):
        runpy.run_module("maestro_ml.dags.data_validation_pipeline")


@pytest.fixture
def pipeline(mini, tmp_path, monkeypatch):
    """Provide `pipeline(more lines of the project file)`: the validation pipeline's DAG with its one task."""
    from maestro_ml.airflow.dag_factory import pipeline_dag, step_task
    from maestro_ml.project import load_project

    monkeypatch.setenv("MAESTRO_PROJECT", str(tmp_path))

    def build(more):
        (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text() + more)
        project = load_project(tmp_path)
        with pipeline_dag(project, project.validation, "doc") as dag:
            task = step_task(project, "validate", target="trips")
        return dag, task

    return build


def test_queue_pool_retries_timeout_and_the_range_of_time_are_the_projects(pipeline):
    from datetime import UTC, datetime

    declared = (
        "since: 2024-01-01\nuntil: 2024-03-01\n"
        "validation: {queue: large, pool: shop, retries: 0, task_timeout: 7m, deadline: 1h}\n"
    )
    dag, task = pipeline(declared)
    assert (dag.start_date, dag.end_date) == (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
    assert (task.queue, task.pool, task.retries, task.execution_timeout) == ("large", "shop", 0, timedelta(minutes=7))
    dag, task = pipeline("since: 2024-01-01\nvalidation: {deadline: 1h}\n")
    assert (dag.end_date, task.retries, task.execution_timeout) == (None, 2, timedelta(hours=1))
    assert task.pool == "default_pool"


def test_people_hear_of_a_task_that_fails_and_of_no_other(pipeline):
    from maestro_ml.airflow.notifier import MaestroNotifier

    _, task = pipeline("")
    (message,) = task.on_failure_callback
    assert isinstance(message, MaestroNotifier)
    assert message.title == "Failed: {{ ti.dag_id }}.{{ ti.task_id }}"
    others = (task.on_success_callback, task.on_retry_callback, task.on_execute_callback, task.on_skipped_callback)
    assert not any(others)
