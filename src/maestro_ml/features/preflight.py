"""Check the feature repo and its stores, and report every problem at once, before anything is materialized."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.features.configuration import features_of
from maestro_ml.features.errors import FeatureStoreError, feast_call
from maestro_ml.features.feature_rows import missing_columns
from maestro_ml.features.offline import latest_in_window
from maestro_ml.features.online_values import storable
from maestro_ml.features.source_rows import rows_of_source
from maestro_ml.features.store import OpenStore
from maestro_ml.project import MaestroError, Project, RequestError, Window
from maestro_ml.tables.duckdb import connect

_PROBE = "maestro_probe"
_NO_ROW = Window(datetime(1, 1, 2, tzinfo=UTC), datetime(1, 1, 3, tzinfo=UTC))


class CheckedStore(BaseModel, defer_build=True):
    """The parts of the feature store that can be used."""

    registry: str
    online_store: str
    offline_store: str
    views: list[str]
    services: list[str]
    warnings: list[str] = []


def check_store(project: Project, store: OpenStore, progress: Callable[[str], None]) -> CheckedStore:
    """Register the definitions, resolve every name, read every source's columns, write a row online and read it back.

    Raises:
        RequestError: the project or the repo is wrong; every problem, one a line.
        FeatureStoreError: the same, and a system is among the problems.
    """
    progress(f"applying {store.repo.name} to the {store.registry_type} registry")
    store.apply()
    views = store.views(features_of(project).views)
    problems: list[MaestroError] = [*_unknown_services(project, store)]
    for view in views:
        progress(f"reading the columns of {view.name}'s source")
        problems += _attempt(lambda view=view: _check_columns(store, view))  # type: ignore[misc]
    progress(f"writing a row to the {store.online_type} online store")
    problems += _attempt(lambda: check_online_store(store))
    if problems:
        message = "\n".join(map(str, problems))
        if all(isinstance(problem, RequestError) for problem in problems):
            raise RequestError(message)
        raise FeatureStoreError(message, max(problem.exit_code for problem in problems))
    return CheckedStore(
        registry=store.registry_type,
        online_store=store.online_type,
        offline_store=store.offline_type,
        views=[view.name for view in views],
        services=[service.name for service in store.definitions.feature_services],
        warnings=_warnings(store),
    )


def _warnings(store: OpenStore) -> list[str]:
    if store.offline_type not in ("file", "dask"):
        return []
    return [
        f"offline store {store.offline_type}: it drops rows of training sets and gives others values of another key or "
        "time; use offline_store: {type: maestro_ml.features.offline_store.DuckDBOfflineStore}"
    ]


def _attempt(check: Callable[[], None]) -> list[MaestroError]:
    try:
        check()
    except MaestroError as error:
        return [error]
    return []


def _unknown_services(project: Project, store: OpenStore) -> Iterator[RequestError]:
    known = {service.name for service in store.definitions.feature_services}
    for name, model in project.models.items():
        if model.feature_service and model.feature_service not in known:
            yield RequestError(
                f"models.{name}.feature_service: no feature service {model.feature_service}"
                f"{did_you_mean(model.feature_service, sorted(known))}"
            )


def _check_columns(store: OpenStore, view: Any) -> None:
    source = view.batch_source
    to_source = {mapped: own for own, mapped in source.field_mapping.items()}
    needed = [
        source.timestamp_field,
        source.created_timestamp_column,
        *view.join_keys,
        *(f.name for f in view.features),
    ]
    with feast_call(f"reading the source of the feature view {view.name}"):
        there = _columns(store, source)
    wanted = [to_source.get(name, name) for name in needed if name and name != "__dummy_id"]
    if missing := missing_columns(wanted, there):
        raise RequestError(f"feature view {view.name}: its source {source.path or source.name} {missing}")
    if store.is_exact:  # what the types alone show
        storable(latest_in_window(store, view, _NO_ROW), view)


def _columns(store: OpenStore, source: Any) -> list[str]:
    config = store.feast.config
    if store.is_exact:
        with connect() as connection:
            return list(rows_of_source(config, source, (), source.timestamp_field, None).scan(connection).columns)
    return [name for name, _ in source.get_table_column_names_and_types(config)]


def check_online_store(store: OpenStore) -> None:
    """Write a row to a view of our own and read it back. The row stays: removing a view from Redis scans every key.

    Raises:
        FeatureStoreError: the online store cannot be used.
    """
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    config, online, view = store.feast.config, store.provider.online_store, _probe_view()
    key = EntityKey(join_keys=[_PROBE], entity_values=[Value(string_val="row")])
    sent = Value(int64_val=int(datetime.now(UTC).timestamp()))
    with feast_call(f"writing a row to the {store.online_type} online store"):
        online.update(config, [], [view], [], [], partial=True)
        online.online_write_batch(config, view, [(key, {"value": sent}, datetime.now(UTC), None)], None)
        [(_, values)] = online.online_read(config, view, [key], ["value"])
    if not values or values["value"] != sent:
        raise FeatureStoreError(f"the {store.online_type} online store does not return the row just written to it")


def _probe_view() -> Any:
    from feast import Entity, FeatureView, Field, FileSource, ValueType
    from feast.types import Int64, String

    entity = Entity(name=_PROBE, join_keys=[_PROBE], value_type=ValueType.STRING)
    return FeatureView(
        name=_PROBE,
        entities=[entity],
        schema=[Field(name=_PROBE, dtype=String), Field(name="value", dtype=Int64)],
        source=FileSource(name=_PROBE, path=_PROBE, timestamp_field="event_timestamp"),
    )
