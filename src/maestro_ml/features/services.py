"""A feature service, asked for the features of rows as they were known at each row's time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from maestro_ml.features.errors import FeatureStoreError, feast_call
from maestro_ml.features.store import OpenStore, open_store
from maestro_ml.project import Project, RequestError

if TYPE_CHECKING:
    import pyarrow as pa

_TIME, _ROW = "event_timestamp", "__row"


@dataclass(frozen=True)
class Service:
    """A feature service of the repo."""

    store: OpenStore
    feast: Any  # a feast.FeatureService

    def needs(self) -> list[str]:
        """The columns the rows must have: entity keys, and what on-demand views ask of a request."""
        store = self.store.feast
        projections, needed = list(self.feast.feature_view_projections), []
        on_demand = {view.name: view for view in store.list_on_demand_feature_views()}
        for projection in projections:
            if view := on_demand.get(projection.name):
                needed += view.get_request_data_schema()
                projections += view.source_feature_view_projections.values()
            else:
                keys = store.get_feature_view(projection.name).join_keys
                needed += [projection.join_key_map.get(key, key) for key in keys if key != "__dummy_id"]
        return list(dict.fromkeys(needed))

    def as_of(self, rows: "pa.Table", timestamp: str) -> "pa.Table":
        """The service's features for every row, in the order of the rows.

        Raises:
            FeatureStoreError: the offline store failed, or did not answer for every row.
        """
        import pyarrow as pa

        asked = pa.table({_ROW: pa.array(range(rows.num_rows), pa.int64()), _TIME: rows[timestamp]})
        for name in self.needs():
            asked = asked.append_column(name, rows[name])
        with feast_call(f"features of the service {self.feast.name}"):
            found = self.store.feast.get_historical_features(asked.to_pandas(), self.feast).to_arrow().sort_by(_ROW)
        if found.num_rows != rows.num_rows:
            raise FeatureStoreError(
                f"the offline store answered for {found.num_rows:,} of {rows.num_rows:,} rows: Feast's file store keeps"
                " one row where several share keys and time; keep all of them with offline_store: "
                "{type: maestro_ml.features.offline_store.DuckDBOfflineStore}"
            )
        # Feast adds the inputs of on-demand views, whether the service has them or not
        return found.select([f.name for view in self.feast.feature_view_projections for f in view.features])


@contextmanager
def feature_service(project: Project, name: str) -> Iterator[Service]:
    """A service as the repo defines it now, in a registry of its own: a training pod needs no shared one.

    Raises:
        RequestError: the repo is wrong, or has no such service.
    """
    with TemporaryDirectory(prefix="maestro-") as scratch:
        registry = {"registry_type": "file", "path": f"{scratch}/registry.db"}
        store = open_store(project, registry=registry, online_store=None)
        services = {service.name: service for service in store.definitions.feature_services}
        if name not in services:
            raise RequestError(f"no feature service {name}; there are: {', '.join(sorted(services)) or 'none'}")
        store.apply()
        yield Service(store, store.feast.get_feature_service(name))
