"""Airflow connections as a project's endpoints: `feast_default`, `mlflow_default` and `aws_default`, if they exist."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from maestro_ml.project import Project


class FeastHook(BaseHook):
    """A Feast store: `registry`, `online_store` and `offline_store` in the extra; `{password}` is replaced in text."""

    conn_name_attr = "feast_conn_id"
    default_conn_name = "feast_default"
    conn_type = "feast"
    hook_name = "Feast feature store"

    def overrides(self, connection: Connection) -> dict[str, Any]:
        """Return the sections of feature_store.yaml that the connection replaces."""
        extra = connection.extra_dejson
        parts = {name: extra[name] for name in ("registry", "online_store", "offline_store") if name in extra}
        return {name: _filled(part, connection.password or "") for name, part in parts.items()}


class MlflowHook(BaseHook):
    """An MLflow tracking server: the host is its URI (or a host with schema and port), login and password its user."""

    conn_name_attr = "mlflow_conn_id"
    default_conn_name = "mlflow_default"
    conn_type = "mlflow"
    hook_name = "MLflow"

    def uri(self, connection: Connection) -> str:
        """Return the tracking URI of the connection."""
        host = connection.host or ""
        address = urlsplit(host if "://" in host else f"{connection.schema or 'http'}://{host}")
        if connection.port and not address.port:
            address = address._replace(netloc=f"{address.netloc}:{connection.port}")
        return address.geturl()


@contextmanager
def connected(project: Project) -> Iterator[Project]:
    """Yield the project with the endpoints of existing connections, and put their secrets into the environment."""
    environment: dict[str, str] = {}
    update: dict[str, Any] = {}
    if project.features and (feast := _find(FeastHook.default_conn_name)):
        features = project.features
        merged = {name: {**getattr(features, name), **part} for name, part in FeastHook().overrides(feast).items()}
        update["features"] = features.model_copy(update=merged)
    if mlflow := _find(MlflowHook.default_conn_name):
        if "uri" not in project.tracking.model_fields_set:  # neither in maestro.yaml nor in MLFLOW_TRACKING_URI
            update["tracking"] = project.tracking.model_copy(update={"uri": MlflowHook().uri(mlflow)})
        environment |= _present(MLFLOW_TRACKING_USERNAME=mlflow.login, MLFLOW_TRACKING_PASSWORD=mlflow.password)
    if aws := _find("aws_default"):
        extra = aws.extra_dejson
        environment |= _present(
            AWS_ACCESS_KEY_ID=aws.login,
            AWS_SECRET_ACCESS_KEY=aws.password,
            AWS_ENDPOINT_URL=extra.get("endpoint_url"),
            AWS_DEFAULT_REGION=extra.get("region_name"),
        )
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield project.model_copy(update=update)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _find(connection_id: str) -> Connection | None:
    try:
        return BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        return None


def _present(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _filled(value: Any, password: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, password) for key, item in value.items()}
    return value.replace("{password}", password) if isinstance(value, str) else value
