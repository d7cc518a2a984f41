"""The three pipelines run through the API, and what they leave read back from outside the cluster."""

import os
import time
from dataclasses import dataclass
from typing import Any

import httpx

from harness.airflow_api import AirflowApi, label
from harness.release import ENDS, PIPELINES, Release


@dataclass(frozen=True)
class Finished:
    """A run that has ended."""

    dag: str
    run: str
    state: str
    seconds: float
    tasks: list[dict[str, Any]]

    @property
    def states(self) -> dict[str, str]:
        return {label(task): str(task["state"]) for task in self.tasks}


def run_pipelines(api: AirflowApi, run: str, seconds: float = 1500) -> list[Finished]:
    """Return one run of each pipeline for the demo's windows, one after the other."""
    api.unpause(PIPELINES)
    return [finish(api, dag, run, seconds) for dag in PIPELINES]


def finish(api: AirflowApi, dag: str, run: str, seconds: float) -> Finished:
    began = time.monotonic()
    api.trigger(dag, run, ENDS[dag])
    state = api.finished(dag, run, seconds)["state"]
    return Finished(dag, run, state, time.monotonic() - began, api.tasks(dag, run))


def model(release: Release, name: str, alias: str = "staging") -> Any:
    """Return the registered version under the alias, with its run's metrics; None where there is no such model."""
    from mlflow import MlflowClient

    with release.mlflow() as url:
        client = MlflowClient(tracking_uri=url)
        # A search, since a server with logins refuses to name a model that does not exist.
        numbers = [found.aliases.get(alias) for found in client.search_registered_models(f"name='{name}'")]
        if numbers in ([], [None]):
            return None
        version = client.get_model_version(name, str(numbers[0]))
        return version, client.get_run(version.run_id).data.metrics


def versions(release: Release, name: str) -> list[Any]:
    """Return all versions of a registered model."""
    from mlflow import MlflowClient

    with release.mlflow() as url:
        return list(MlflowClient(tracking_uri=url).search_model_versions(f"name='{name}'"))


def predictions(release: Release, name: str, rows: int = 50) -> Any:
    """Return the model under `staging`, loaded on this machine, asked about rows of zeros and one carrier."""
    import mlflow
    import pandas as pd

    # The server would hand out addresses of the bucket that only the cluster can reach.
    os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"] = "false"
    with release.mlflow() as url:
        mlflow.set_tracking_uri(url)
        loaded = mlflow.sklearn.load_model(f"models:/{name}@staging")
        signature = mlflow.models.get_model_info(f"models:/{name}@staging").signature
        # The signature leaves the types open: the texts of the flights are known by name.
        row = {column.name: {"carrier": "UA", "origin": "EWR"}.get(column.name, 0) for column in signature.inputs}
        return loaded.predict(pd.DataFrame([row] * rows))


def online(release: Release, features: list[str], entities: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return what the feature server answers, by feature."""
    body = {"features": features, "entities": entities}
    with release.forward("featurestore", 6566) as forward:
        shown = {"Authorization": f"Bearer {release.tasks()['FEATURE_SERVER_TOKEN']}"}
        answer = httpx.post(f"{forward.url}/get-online-features", json=body, headers=shown, timeout=60, trust_env=False)
    document = answer.raise_for_status().json()
    values = [result["values"] for result in document["results"]]
    return dict(zip(document["metadata"]["feature_names"], values, strict=True))


def metrics(release: Release) -> dict[str, float]:
    """Return every sample of the StatsD exporter's page, by name and labels."""
    with release.forward("statsd", 9102) as forward:
        page = httpx.get(f"{forward.url}/metrics", timeout=60, trust_env=False).raise_for_status().text
    lines = (line.rsplit(" ", 1) for line in page.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in lines}
