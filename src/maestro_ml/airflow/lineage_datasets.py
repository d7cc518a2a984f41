"""Datasets and assertions as OpenLineage has them."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from maestro_ml.project.sources import SqlSource
from maestro_ml.project.table_source import TableSource

if TYPE_CHECKING:
    from maestro_ml.project import Project

_LIMITS, _LIMIT_OF = ("min", "max", "limit", "p_limit"), ("min_", "max_")
_FROM_HISTORY = ("low", "high", "median")
_COUNTS = ("count", "nulls", "missing", "columns", "anomalous")


def dataset_of_uri(uri: str, facets: Mapping[str, Any] | None = None, version: str | None = None) -> Any:
    """Return a dataset by OpenLineage's naming: `file` and a path, or scheme and host and the rest."""
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import dataset_version_dataset

    parts = urlsplit(uri)
    namespace = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.scheme else "file"
    own = {"version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=version)} if version else {}
    name = parts.path.lstrip("/") if parts.scheme else uri
    return InputDataset(namespace=namespace, name=name, facets=own, inputFacets=dict(facets or {}))


def dataset_of_source(project: "Project", name: str, facets: Mapping[str, Any] | None = None) -> Any:
    """Return a dataset of the project: its file, or its table without user and password."""
    source = project.datasets[name].source
    if isinstance(source, SqlSource):
        from sqlalchemy.engine import make_url

        url = make_url(source.url.get_secret_value())
        port = f":{url.port}" if url.port else ""
        table = ".".join(part for part in (url.database, source.db_schema, source.table) if part)
        return dataset_of_uri(f"{url.get_backend_name()}://{url.host or 'localhost'}{port}/{table}", facets)
    if isinstance(source, TableSource):
        return dataset_of_uri(f"maestro://{project.name}/{name}", facets)
    if not source.path:  # an Iceberg table of a catalog
        return dataset_of_uri(f"iceberg://{getattr(source, 'catalog', '')}/{getattr(source, 'table', '')}", facets)
    return dataset_of_uri(project.locate_data(source.path), facets)


def assertions_of(report: bytes | None) -> dict[str, Any]:
    """Return the findings of a validation as a facet: each with what was expected, and what was measured."""
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    if report is None:
        return {}
    found = [
        quality.Assertion(
            assertion=each["check"],
            success=each["outcome"] == "ok",
            column=each["column"],
            severity=each["severity"],
            name=f"{each['stage']}.{each['check']}",
            description=each["message"],
            expected=_expected(each["numbers"]),
            actual=_actual(each["numbers"]) or each["message"],
        )
        for each in json.loads(report)["findings"]
    ]
    return {"dataQualityAssertions": quality.DataQualityAssertionsDatasetFacet(assertions=found)}


def _is_limit(name: str, numbers: Mapping[str, Any]) -> bool:
    return name in _LIMITS or name.startswith(_LIMIT_OF) or (name in _FROM_HISTORY and "runs" in numbers)


def _expected(numbers: Mapping[str, Any]) -> str:
    limits = {name: value for name, value in numbers.items() if _is_limit(name, numbers) and value is not None}
    if not limits:  # nothing of it may be there
        limits = {name: 0 for name in _COUNTS if name in numbers}
    return ", ".join(f"{name}={value}" for name, value in limits.items()) or "as declared"


def _actual(numbers: Mapping[str, Any]) -> str:
    return ", ".join(f"{n}={value}" for n, value in numbers.items() if not _is_limit(n, numbers) and value is not None)
