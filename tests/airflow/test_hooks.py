"""Connections become a project's endpoints, where they exist."""

import json
import os

import pytest

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.hooks import connected
from maestro_ml.project import load_project


@pytest.fixture
def project(mini):
    return project_at(str(mini))


@pytest.fixture
def connection(monkeypatch, airflow_database):
    def declare(name, **fields):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(fields))

    return declare


def test_without_connections_the_project_stays_as_it_is(project, airflow_database):
    with connected(project) as result:
        assert result == project
        assert result.root == project.root


def test_mlflow(project, connection):
    connection("mlflow_default", conn_type="mlflow", host="mlflow.internal", port=5000, login="me", password="hush")
    with connected(project) as result:
        assert result.tracking.uri == "http://mlflow.internal:5000"
        assert os.environ["MLFLOW_TRACKING_PASSWORD"] == "hush"
        assert "hush" not in repr(result)
    assert "MLFLOW_TRACKING_PASSWORD" not in os.environ


@pytest.mark.parametrize(
    ("fields", "uri"),
    [
        ({"host": "https://mlflow.example/base"}, "https://mlflow.example/base"),
        ({"host": "http://mlflow.ml", "port": 5000}, "http://mlflow.ml:5000"),
        ({"host": "https://mlflow.example:8443/base", "port": 5000}, "https://mlflow.example:8443/base"),
        ({"host": "mlflow.ml", "schema": "https"}, "https://mlflow.ml"),
    ],
)
def test_mlflow_by_a_uri_or_its_parts(project, connection, fields, uri):
    connection("mlflow_default", conn_type="mlflow", **fields)
    with connected(project) as result:
        assert result.tracking.uri == uri


def test_an_address_in_the_environment_or_the_file_goes_before_the_connections(mini, connection, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking:5000")
    connection("mlflow_default", conn_type="mlflow", host="mlflow.internal", login="me", password="hush")
    with connected(load_project(mini)) as result:
        assert result.tracking.uri == "http://tracking:5000"
        assert os.environ["MLFLOW_TRACKING_PASSWORD"] == "hush"


def test_feast_fills_its_password_in_and_keeps_what_it_does_not_name(project, connection):
    online = {"type": "redis", "connection_string": "redis:6379,password={password}"}
    connection("feast_default", conn_type="feast", password="hush", extra={"online_store": online})
    with connected(project) as result:
        assert result.features.online_store == {**online, "connection_string": "redis:6379,password=hush"}
        assert result.features.registry == project.features.registry


def test_aws_is_in_the_environment_only_meanwhile(project, connection, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "before")
    extra = {"endpoint_url": "http://minio:9000"}
    connection("aws_default", conn_type="aws", login="key", password="hush", extra=extra)
    with connected(project):
        assert os.environ["AWS_ACCESS_KEY_ID"] == "key"
        assert os.environ["AWS_ENDPOINT_URL"] == "http://minio:9000"
    assert os.environ["AWS_ACCESS_KEY_ID"] == "before"
    assert "AWS_ENDPOINT_URL" not in os.environ


def test_aws_has_a_region_where_the_connection_names_one(project, connection, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    connection("aws_default", conn_type="aws", extra={"region_name": "eu-central-1"})
    with connected(project):
        assert os.environ["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert "AWS_DEFAULT_REGION" not in os.environ


def test_an_error_inside_leaves_the_environment_as_it_was(project, connection, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "before")
    connection("aws_default", conn_type="aws", login="key", password="hush")
    with pytest.raises(ZeroDivisionError), connected(project):
        raise ZeroDivisionError
    assert os.environ["AWS_ACCESS_KEY_ID"] == "before"
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ


def test_feast_changes_the_keys_it_names_of_a_store_and_keeps_the_others(mini, tmp_path, connection):
    stores = "features: {online_store: {type: redis, key_ttl_seconds: 60, connection_string: old}, registry: {path: r}}"
    (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text().replace("features: {}", stores))
    connection("feast_default", conn_type="feast", extra={"online_store": {"connection_string": "redis:6379"}})
    with connected(load_project(tmp_path)) as result:
        online = {"type": "redis", "key_ttl_seconds": 60, "connection_string": "redis:6379"}
        assert (result.features.online_store, result.features.registry) == (online, {"path": "r"})
