"""What the environment fills in where the project file says nothing."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from maestro_ml.project import Problem, Project
from maestro_ml.project.platform import DEFAULTS, FEAST_DEFAULTS

Load = Callable[..., Project]


def at(project: Project, path: tuple[str, ...]) -> object:
    value: object = project
    for key in path:
        value = value[key] if isinstance(value, dict) else getattr(value, key)
    return value


@pytest.mark.parametrize(
    "path", [path for path in DEFAULTS if path not in {("execution", "mode"), ("alerting", "notify")}]
)
def test_a_variable_is_the_default_of_its_key(path: tuple[str, ...], valid: str, load: Load) -> None:
    of_a_kind = {("execution", "image_pull_policy"): "Never", ("tracking", "uri"): "http://given"}
    value = of_a_kind.get(path, "s3://given")
    assert at(load(valid, **{DEFAULTS[path]: value}), path) == value
    assert at(load(valid, **{DEFAULTS[path]: ""}), path) == at(load(valid), path)


def test_where_steps_run_and_who_is_notified_come_from_the_environment(valid: str, load: Load) -> None:
    given = {"MAESTRO_EXECUTION": "kubernetes", "MAESTRO_TRAINING_IMAGE": "ml:1", "MAESTRO_NOTIFY": "json://a,json://b"}
    project = load(f"{valid}execution: {{resources: {{cpu: '2'}}}}\n", **given)
    assert (project.execution.mode, project.execution.resources.cpu) == ("kubernetes", "2")
    assert [address.get_secret_value() for address in project.alerting.notify] == ["json://a", "json://b"]


def test_the_stores_of_feast_come_from_the_environment_as_a_whole(valid: str, load: Load) -> None:
    given = dict.fromkeys(FEAST_DEFAULTS.values(), "redis") | {"FEAST_REGISTRY_TYPE": "sql", "FEAST_REGISTRY": "db"}
    project = load(valid, **given)
    assert project.features is not None
    assert project.features.registry == {"registry_type": "sql", "path": "db"}
    assert project.features.online_store["redis"] == {"connection_string": "redis"}
    own = load(valid.replace("features: {}", "features: {online_store: {type: sqlite, path: mine.db}}"), **given)
    assert own.features is not None
    assert own.features.online_store == {"type": "sqlite", "path": "mine.db"}
    assert load(valid.replace("features: {}\n", ""), **given).features is None


def test_a_key_of_the_file_wins_over_its_variable(valid: str, load: Load) -> None:
    text = f"{valid}store: here\ntracking: {{uri: 'http://mine'}}\nexecution: {{mode: in_process}}\n"
    project = load(text, MAESTRO_STORE="s3://b", MLFLOW_TRACKING_URI="http://theirs", MAESTRO_EXECUTION="kubernetes")
    assert (project.store, project.tracking.uri, project.execution.mode) == ("here", "http://mine", "in_process")


def test_an_empty_key_leaves_the_setting_to_the_environment(valid: str, load: Load) -> None:
    assert load(f"{valid}store:\ntracking:\n", MAESTRO_STORE="s3://b", MLFLOW_TRACKING_URI="http://m").store == "s3://b"


def test_a_wrong_variable_is_named(valid: str, problems: Callable[..., list[Problem]]) -> None:
    [problem] = problems(valid, MAESTRO_EXECUTION="kubernets")
    assert problem.key == "execution.mode"
    assert problem.message.endswith("(it comes from the environment variable MAESTRO_EXECUTION)")


@pytest.mark.parametrize(
    ("data", "path", "found"),
    [
        ("", "t.parquet", "{root}/t.parquet"),
        ("lake", "t.parquet", "{root}/lake/t.parquet"),
        ("lake", "/mnt/t.parquet", "/mnt/t.parquet"),
        ("/lake/", "a/t.parquet", "/lake/a/t.parquet"),
        ("s3://lake/raw/", "a/t.parquet", "s3://lake/raw/a/t.parquet"),
        ("s3://lake", "gs://other/t.parquet", "gs://other/t.parquet"),
        ("s3://lake", "/mnt/t.parquet", "/mnt/t.parquet"),
    ],
)
def test_relative_paths_of_sources_start_at_the_data(
    data: str, path: str, found: str, valid: str, load: Load, tmp_path: Path
) -> None:
    root = tmp_path.resolve()
    assert load(valid, MAESTRO_DATA=data).locate_data(path) == found.format(root=root)


def test_a_variable_that_nothing_reads_is_a_warning(valid: str, load: Load, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load(
            f"{valid}team: ${{env:MAESTRO_TEAM}}\n", MAESTRO_STOR="s3://b", MAESTRO_TEAM="ops", MAESTRO_PROJECT=".",
            MAESTRO_POSTGRES_SERVICE_HOST="10.0.0.1", MAESTRO_POSTGRES_PORT_5432_TCP_ADDR="10.0.0.1", OTHER="x",
        )  # fmt: skip
    assert [record.getMessage() for record in caplog.records] == [
        "the environment variable MAESTRO_STOR is set, and nothing reads it; did you mean 'MAESTRO_STORE'?"
    ]
