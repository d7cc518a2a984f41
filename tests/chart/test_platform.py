"""A project file that says nothing of the platform runs as the chart's environment says."""

import pytest
from composition import ENVIRONMENTS, NAMESPACE, RELEASE, helm_template
from manifests import load

from maestro_ml.project import load_project
from maestro_ml.project.platform import DEFAULTS, FEAST_DEFAULTS

PROJECT = """\
name: small
datasets: {trips: {source: {kind: parquet, path: trips.parquet}, timestamp: at, columns: {at: {type: timestamp}}}}
features: {}
"""
# What ci/prod-secrets writes into the Secret of the environment.
SECRET = {"FEAST_REGISTRY": "postgresql+psycopg://feast:x@db/feast", "FEAST_ONLINE_STORE": "redis:6379,password=x"}


@pytest.fixture
def variables(manifests):
    return manifests.named("ConfigMap", f"{RELEASE}-environment")["data"]


def test_every_setting_of_the_platform_reaches_a_project_that_repeats_none(variables, tmp_path):
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    given = {**variables, **SECRET}
    project = load_project(tmp_path, given)
    execution = project.execution
    assert project.store == given["MAESTRO_STORE"]
    assert project.locate_data("trips.parquet") == f"{given['MAESTRO_DATA']}/trips.parquet"
    assert project.tracking.uri == f"http://{RELEASE}-mlflow.{NAMESPACE}:5000"
    assert project.alerting.alertmanager == given.get("MAESTRO_ALERTMANAGER_URL")
    assert project.training.queue == given["MAESTRO_TRAINING_QUEUE"]
    assert execution.mode == given["MAESTRO_EXECUTION"]
    assert execution.image == given["MAESTRO_TRAINING_IMAGE"]
    assert execution.image_pull_policy == "IfNotPresent"
    assert execution.namespace == given["MAESTRO_TRAINING_NAMESPACE"]
    assert execution.service_account == given["MAESTRO_TRAINING_SERVICE_ACCOUNT"]
    assert execution.env_from_config_map == given["MAESTRO_TRAINING_CONFIG_MAP"]
    assert execution.env_from_secret == given["MAESTRO_TRAINING_SECRET"]
    assert project.features.registry == {"registry_type": "sql", "path": SECRET["FEAST_REGISTRY"]}
    assert project.features.online_store["type"] == "redis"
    assert project.features.online_store["redis"] == {"connection_string": SECRET["FEAST_ONLINE_STORE"]}


def test_training_pods_have_the_pull_policy_and_the_authorities_of_the_release(composition, tmp_path):
    values = [
        "airflow.images.airflow.pullPolicy=Always",
        "global.caBundle.secretName=authorities",
        "global.caBundle.key=a.pem",
    ]
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    rendered = helm_template(*files, *(part for value in values for part in ("--set", value)))
    assert rendered.returncode == 0, rendered.stderr
    given = load(rendered.stdout).named("ConfigMap", f"{RELEASE}-environment")["data"]
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    execution = load_project(tmp_path, {**given, **SECRET}).execution
    assert execution.image_pull_policy == "Always"
    assert (execution.ca_config_map, execution.ca_secret, execution.ca_key) == (None, "authorities", "a.pem")


def test_every_variable_of_the_environment_is_read(variables):
    read = {*DEFAULTS.values(), *FEAST_DEFAULTS.values()}
    assert {name for name in variables if name.startswith(("MAESTRO_", "FEAST_", "MLFLOW_"))} - read == set()
