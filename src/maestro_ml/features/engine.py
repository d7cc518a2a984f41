"""Feast's in-process batch engine, with our way of writing to the online store (ADR 9).

Feast imports this module by name and finds the configuration class beside the engine. Nothing else imports it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from feast.infra.common.materialization_job import MaterializationJobStatus, MaterializationTask  # noqa: TID253
from feast.infra.compute_engines.dag.context import ExecutionContext  # noqa: TID253
from feast.infra.compute_engines.dag.node import DAGNode  # noqa: TID253
from feast.infra.compute_engines.local.arrow_table_value import ArrowTableValue  # noqa: TID253
from feast.infra.compute_engines.local.compute import LocalComputeEngine, LocalComputeEngineConfig  # noqa: TID253
from feast.infra.compute_engines.local.feature_builder import LocalFeatureBuilder  # noqa: TID253
from feast.infra.compute_engines.local.job import LocalMaterializationJob  # noqa: TID253
from feast.infra.compute_engines.local.local_node import LocalNode  # noqa: TID253

from maestro_ml.features.newest_rows import Written, clear_expired, write_newest
from maestro_ml.features.offline import TICK


class NewestRowsEngineConfig(LocalComputeEngineConfig):  # type: ignore[misc]
    """The configuration of Feast's own engine."""

    type: Literal["maestro_ml.features.engine.NewestRowsEngine"] = "maestro_ml.features.engine.NewestRowsEngine"


class NewestRowsEngine(LocalComputeEngine):  # type: ignore[misc]
    """Write the newest rows, but never over a newer one; `written` counts what happened to each view's rows."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.written: dict[str, Written] = {}

    def _materialize_one(self, registry: Any, task: MaterializationTask, **_: Any) -> LocalMaterializationJob:
        name = f"{task.feature_view.name}-{task.start_time}-{task.end_time}"
        context = self.get_execution_context(registry, task)
        try:
            _Builder(registry, task, self).build().execute(context)
        except Exception as error:  # Feast raises a job's error when it reads the result
            return LocalMaterializationJob(job_id=name, status=MaterializationJobStatus.ERROR, error=error)
        return LocalMaterializationJob(job_id=name, status=MaterializationJobStatus.SUCCEEDED)


class _Builder(LocalFeatureBuilder):  # type: ignore[misc]
    """Feast's plan, without the steps that only take a view of plain columns through pandas."""

    def __init__(self, registry: Any, task: MaterializationTask, engine: NewestRowsEngine) -> None:
        self._engine = engine
        super().__init__(registry, task, backend=engine._get_backend(engine.get_execution_context(registry, task)))

    def _is_plain(self, view: Any) -> bool:
        requested = ("aggregations", "feature_transformation", "filter", "source_views")
        only_newest = self._engine.repo_config.materialization_config.pull_latest_features
        return only_newest and not any(getattr(view, name, None) for name in requested)

    def build_filter_node(self, view: Any, input_node: DAGNode) -> DAGNode:
        return input_node if self._is_plain(view) else super().build_filter_node(view, input_node)

    def build_dedup_node(self, view: Any, input_node: DAGNode) -> DAGNode:
        return input_node if self._is_plain(view) else super().build_dedup_node(view, input_node)

    def build_output_nodes(self, view: Any, final_node: DAGNode) -> DAGNode:
        node = _Output(view, self.get_column_info(view), self.task, self._engine, inputs=[final_node])
        self.nodes.append(node)
        return node


class _Output(LocalNode):  # type: ignore[misc]
    def __init__(
        self, view: Any, columns: Any, task: MaterializationTask, engine: NewestRowsEngine, inputs: list[DAGNode]
    ) -> None:
        super().__init__("output", inputs=inputs)
        self.view, self.columns, self.task, self.engine = view, columns, task, engine

    def execute(self, context: ExecutionContext) -> ArrowTableValue:
        table = self.get_single_table(context).data
        config, end = context.repo_config, self.task.end_time + TICK
        if self.view.online:
            written = write_newest(config, context.online_store, self.view, table, end)
            # a range without rows may be a mistake
            cleared = self._cleared(context, end) if written.rows else 0
            self.engine.written[self.view.name] = replace(written, cleared=cleared)
        if self.view.offline and table.num_rows:
            context.offline_store.offline_write_batch(
                config=config, feature_view=self.view, table=table, progress=lambda _: None
            )
        output = ArrowTableValue(data=table)
        context.node_outputs[self.name] = output
        return output

    def _cleared(self, context: ExecutionContext, end: datetime) -> int:
        """Clear what has passed its ttl since the last run, of keys whose last row lies before the range."""
        runs = self.view.materialization_intervals
        if not self.view.ttl or not runs:
            return 0
        oldest = end - self.view.ttl
        since, until = runs[-1][1] + TICK - self.view.ttl, min(oldest, self.task.start_time)
        if since >= until:
            return 0
        source, columns = self.view.batch_source, self.columns
        rows = context.offline_store.pull_latest_from_table_or_query(
            config=context.repo_config,
            data_source=source,
            join_key_columns=columns.join_keys,
            feature_name_columns=columns.join_keys or [columns.ts_col],
            timestamp_field=columns.ts_col,
            created_timestamp_column=columns.created_ts_col,
            start_date=since,
            end_date=until - TICK,
        ).to_arrow()
        named = rows.rename_columns([source.field_mapping.get(name, name) for name in rows.column_names])
        return clear_expired(context.repo_config, context.online_store, self.view, named, oldest)
