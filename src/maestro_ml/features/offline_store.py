"""A Feast offline store over Parquet files, with the point-in-time join in DuckDB (ADR 1).

Feast imports this module by the name in feature_store.yaml and finds the configuration class beside the store:
`offline_store: {type: maestro_ml.features.offline_store.DuckDBOfflineStore}`. Nothing else imports it.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from feast.infra.offline_stores.offline_store import OfflineStore, RetrievalJob, RetrievalMetadata  # noqa: TID253
from feast.on_demand_feature_view import OnDemandFeatureView  # noqa: TID253
from feast.repo_config import FeastConfigBaseModel, RepoConfig  # noqa: TID253

from maestro_ml.features.point_in_time import EntityRows, join_views
from maestro_ml.features.source_rows import pull, rows_of_source

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class DuckDBOfflineStoreConfig(FeastConfigBaseModel):  # type: ignore[misc]
    """It has no settings."""

    type: Literal["maestro_ml.features.offline_store.DuckDBOfflineStore"]


class DuckDBRetrievalJob(RetrievalJob):  # type: ignore[misc]
    """A query that runs when its result is read."""

    def __init__(
        self,
        evaluate: Callable[[], "pa.Table"],
        full_feature_names: bool = False,
        on_demand_feature_views: list[OnDemandFeatureView] | None = None,
        metadata: RetrievalMetadata | None = None,
    ) -> None:
        self._evaluate = evaluate
        self._full_feature_names = full_feature_names
        self._on_demand_feature_views = on_demand_feature_views or []
        self._metadata = metadata

    @property
    def full_feature_names(self) -> bool:
        """Whether columns are named `<view>__<feature>`."""
        return self._full_feature_names

    @property
    def on_demand_feature_views(self) -> list[OnDemandFeatureView]:
        """The on-demand views that Feast applies to the result."""
        return self._on_demand_feature_views

    @property
    def metadata(self) -> RetrievalMetadata | None:
        """Feast's description of the result."""
        return self._metadata

    def _to_arrow_internal(self, timeout: int | None = None) -> "pa.Table":  # noqa: ARG002 Feast's signature
        return self._evaluate()

    def _to_df_internal(self, timeout: int | None = None) -> "pd.DataFrame":  # noqa: ARG002
        return self._evaluate().to_pandas()  # type: ignore[no-any-return]


class DuckDBOfflineStore(OfflineStore):  # type: ignore[misc]
    """Read Parquet behind a FileSource, in a folder or a bucket. There is no writing: no push, no feature logs."""

    @staticmethod
    def get_historical_features(
        config: RepoConfig,
        feature_views: list[Any],
        feature_refs: list[str],
        entity_df: Any,
        registry: Any,
        project: str,
        full_feature_names: bool = False,
        **_: Any,
    ) -> RetrievalJob:
        """Return every entity row, in its order, with the features as they were known at its time."""
        from feast.utils import _get_requested_feature_views_to_features_dict, _get_requested_on_demand_feature_views

        entities = EntityRows.of(entity_df, feature_views)
        views, _on_demand = _get_requested_feature_views_to_features_dict(
            feature_refs, feature_views, _get_requested_on_demand_feature_views(feature_refs, project, registry)
        )
        first, last = entities.time_range()
        return DuckDBRetrievalJob(
            partial(join_views, config, entities, views, full_feature_names),
            full_feature_names,
            OnDemandFeatureView.get_requested_odfvs(feature_refs, project, registry),
            RetrievalMetadata(feature_refs, entities.other_columns(), first, last),
        )

    @staticmethod
    def pull_latest_from_table_or_query(
        config: RepoConfig,
        data_source: Any,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> RetrievalJob:
        """Return the newest row of each key in `[start_date, end_date]`, ordered by key."""
        rows = rows_of_source(config, data_source, join_key_columns, timestamp_field, created_timestamp_column)
        return DuckDBRetrievalJob(partial(pull, rows.latest, rows, feature_name_columns, start_date, end_date))

    @staticmethod
    def pull_all_from_table_or_query(
        config: RepoConfig,
        data_source: Any,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> RetrievalJob:
        """Return the rows in `[start_date, end_date]`."""
        rows = rows_of_source(config, data_source, join_key_columns, timestamp_field, created_timestamp_column)
        return DuckDBRetrievalJob(partial(pull, rows.between, rows, feature_name_columns, start_date, end_date))
