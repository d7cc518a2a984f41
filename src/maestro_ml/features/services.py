"""Feature services: the features of rows as they were known at each row's time."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.features.entity_keys import real_keys
from maestro_ml.features.errors import FeatureStoreError, feast_call
from maestro_ml.features.newer_values import count_later
from maestro_ml.features.online_values import EXACT_FLOAT
from maestro_ml.features.point_in_time import EntityRows, created_as_of
from maestro_ml.features.store import OpenStore, open_store
from maestro_ml.project import Project, RequestError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_TIME = "event_timestamp"


@dataclass(frozen=True)
class Service:
    """A feature service of the repo."""

    store: OpenStore
    feast: Any  # a feast.FeatureService

    def needs(self) -> list[str]:
        """Return the columns the rows must have: entity keys, and the request data of on-demand views."""
        requested = [name for view in self._views[1] for name in view.get_request_data_schema()]
        return list(dict.fromkeys([*self.entity_keys(), *requested]))

    def view_names(self) -> list[str]:
        """Return the names of the service's feature views, in order."""
        return [str(projection.name) for projection in self._views[0]]

    def written_later(self, rows: "pa.Table", timestamp: str) -> dict[str, int]:
        """Count, for each view that has such, the rows whose values were created after the row's time.

        A view without a created timestamp does not say when, and other offline stores than ours do not either.
        """
        import pyarrow as pa

        found: Counter[str] = Counter()
        for projection in self._views[0]:
            view = self.store.feast.get_feature_view(projection.name).with_projection(projection)
            if not self.store.is_exact or not view.batch_source.created_timestamp_column:
                continue
            keys = dict.fromkeys(projection.join_key_map.get(key, key) for key in real_keys(view.join_keys))
            entities = EntityRows(pa.table({_TIME: rows[timestamp], **{key: rows[key] for key in keys}}), _TIME)
            created = created_as_of(self.store.feast.config, entities, view)
            found[str(projection.name)] += count_later(created, rows[timestamp])
        return dict(+found)

    def views(self) -> list[Any]:
        """Return the service's feature views, and then its on-demand views, each once."""
        plain, on_demand = self._views
        found = {name: self.store.feast.get_feature_view(name) for name in (each.name for each in plain)}
        return [*found.values(), *{view.name: view for view in on_demand}.values()]

    def entity_keys(self) -> list[str]:
        """Return the entity keys under the rows' names."""
        found = []
        for projection in self._views[0]:
            keys = self.store.feast.get_feature_view(projection.name).join_keys
            found += [projection.join_key_map.get(key, key) for key in real_keys(keys)]
        return list(dict.fromkeys(found))

    @cached_property
    def _views(self) -> tuple[list[Any], list[Any]]:
        """Projections of feature views, those of on-demand views among them; and the on-demand views."""
        known = {view.name: view for view in self.store.feast.list_on_demand_feature_views()}
        projections, plain, on_demand = list(self.feast.feature_view_projections), [], []
        for projection in projections:
            if view := known.get(projection.name):
                on_demand.append(view)
                projections += view.source_feature_view_projections.values()
            else:
                plain.append(projection)
        return plain, on_demand

    def as_of(self, rows: "pa.Table", timestamp: str) -> "pa.Table":
        """Return the service's features for every row, in the order of the rows; null for a row without a key.

        Raises:
            RequestError: Feast cannot take these rows, or would confuse their keys.
            FeatureStoreError: the offline store failed, or did not answer for every row.
        """
        import pyarrow as pa

        needed = self.needs()
        features = [f.name for view in self.feast.feature_view_projections for f in view.features]
        if _TIME in (*needed, *features):
            raise RequestError(
                f"the service {self.feast.name}: Feast reserves the name {_TIME} for the time; rename it"
            )
        row = _unused("__row", (*needed, *features))
        entities = pa.table({row: pa.array(range(rows.num_rows), pa.int64()), _TIME: rows[timestamp]})
        for name in needed:
            entities = entities.append_column(name, rows[name])
        with feast_call(f"features of the service {self.feast.name}"):
            found = self.store.feast.get_historical_features(self._frame(entities), self.feast).to_arrow().sort_by(row)
        if found.num_rows != rows.num_rows:
            raise FeatureStoreError(
                f"the offline store returned {found.num_rows:,} of {rows.num_rows:,} rows: Feast's file store keeps"
                " one row where several share keys and time; keep all of them with offline_store: "
                "{type: maestro_ml.features.offline_store.DuckDBOfflineStore}"
            )
        # Feast adds the inputs of on-demand views, even those that are not in the service
        return found.select(features)

    def _frame(self, entities: "pa.Table") -> "pd.DataFrame":
        """Convert the rows for Feast: Arrow types for our own offline store, NumPy's types for the others."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.store.is_exact:
            exact: pd.DataFrame = entities.to_pandas(types_mapper=pd.ArrowDtype)
            return exact
        for name, column in zip(entities.column_names, entities.columns, strict=True):
            nulls = pa.types.is_integer(column.type) and column.null_count
            if nulls and pc.any(pc.greater(pc.abs(column.cast(pa.decimal128(20, 0))), EXACT_FLOAT)).as_py():
                raise RequestError(
                    f"the key {name} has {nulls:,} nulls beside integers above 2^53, which pandas would make one "
                    "number; use offline_store: {type: maestro_ml.features.offline_store.DuckDBOfflineStore}"
                )
        frame: pd.DataFrame = entities.to_pandas()
        return frame


def _unused(name: str, names: Collection[str]) -> str:
    return _unused(f"{name}_", names) if name in names else name


@contextmanager
def feature_service(project: Project, name: str) -> Iterator[Service]:
    """Yield a service as the repo defines it now, in a registry of its own, so that a training pod needs no shared one.

    Raises:
        RequestError: the repo is wrong, or has no such service.
    """
    with TemporaryDirectory(prefix="maestro-") as scratch:
        registry = {"registry_type": "file", "path": f"{scratch}/registry.db"}
        store = open_store(project, registry=registry, online_store=None)
        services = {service.name: service for service in store.definitions.feature_services}
        if name not in services:
            raise RequestError(f"no feature service {name}{did_you_mean(name, sorted(services))}")
        store.apply()
        yield Service(store, store.feast.get_feature_service(name))
