"""Feast's batch engine in this process, with our way of writing to the online store. Why: docs/adr/0009.

Feast imports this module by name and finds the configuration class beside the engine. Nothing else imports it.
"""

from typing import Any, Literal

from feast.infra.common.materialization_job import MaterializationJobStatus, MaterializationTask  # noqa: TID253
from feast.infra.compute_engines.dag.context import ExecutionContext  # noqa: TID253
from feast.infra.compute_engines.dag.node import DAGNode  # noqa: TID253
from feast.infra.compute_engines.local.arrow_table_value import ArrowTableValue  # noqa: TID253
from feast.infra.compute_engines.local.compute import LocalComputeEngine, LocalComputeEngineConfig  # noqa: TID253
from feast.infra.compute_engines.local.feature_builder import LocalFeatureBuilder  # noqa: TID253
from feast.infra.compute_engines.local.job import LocalMaterializationJob  # noqa: TID253
from feast.infra.compute_engines.local.local_node import LocalNode  # noqa: TID253

from maestro_ml.features.newest_rows import Written, write_newest
from maestro_ml.features.offline import TICK


class NewestRowsEngineConfig(LocalComputeEngineConfig):  # type: ignore[misc]
    """That of Feast's own."""

    type: Literal["maestro_ml.features.engine.NewestRowsEngine"] = "maestro_ml.features.engine.NewestRowsEngine"


class NewestRowsEngine(LocalComputeEngine):  # type: ignore[misc]
    """Writes no row over a newer one; `written` says what became of each view's rows."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.written: dict[str, Written] = {}

    def _materialize_one(self, registry: Any, task: MaterializationTask, **_: Any) -> LocalMaterializationJob:
        name = f"{task.feature_view.name}-{task.start_time}-{task.end_time}"
        context = self.get_execution_context(registry, task)
        try:
            _Builder(registry, task, self).build().execute(context)
        except Exception as error:  # Feast raises a job's error where it asks for it
            return LocalMaterializationJob(job_id=name, status=MaterializationJobStatus.ERROR, error=error)
        return LocalMaterializationJob(job_id=name, status=MaterializationJobStatus.SUCCEEDED)


class _Builder(LocalFeatureBuilder):  # type: ignore[misc]
    """Feast's plan, without the steps that do nothing to a view of plain columns but take it through pandas."""

    def __init__(self, registry: Any, task: MaterializationTask, engine: NewestRowsEngine) -> None:
        self._engine = engine
        super().__init__(registry, task, backend=engine._get_backend(engine.get_execution_context(registry, task)))

    def _is_plain(self, view: Any) -> bool:
        asked = ("aggregations", "feature_transformation", "filter", "source_views")
        only_newest = self._engine.repo_config.materialization_config.pull_latest_features
        return only_newest and not any(getattr(view, name, None) for name in asked)

    def build_filter_node(self, view: Any, input_node: DAGNode) -> DAGNode:
        return input_node if self._is_plain(view) else super().build_filter_node(view, input_node)

    def build_dedup_node(self, view: Any, input_node: DAGNode) -> DAGNode:
        return input_node if self._is_plain(view) else super().build_dedup_node(view, input_node)

    def build_output_nodes(self, view: Any, final_node: DAGNode) -> DAGNode:
        node = _Output(view, self.task, self._engine, inputs=[final_node])
        self.nodes.append(node)
        return node


class _Output(LocalNode):  # type: ignore[misc]
    def __init__(self, view: Any, task: MaterializationTask, engine: NewestRowsEngine, inputs: list[DAGNode]) -> None:
        super().__init__("output", inputs=inputs)
        self.view, self.task, self.engine = view, task, engine

    def execute(self, context: ExecutionContext) -> ArrowTableValue:
        table = self.get_single_table(context).data
        config = context.repo_config
        if self.view.online:
            self.engine.written[self.view.name] = write_newest(
                config, context.online_store, self.view, table, self.task.end_time + TICK
            )
        if self.view.offline and table.num_rows:
            context.offline_store.offline_write_batch(
                config=config, feature_view=self.view, table=table, progress=lambda _: None
            )
        output = ArrowTableValue(data=table)
        context.node_outputs[self.name] = output
        return output
