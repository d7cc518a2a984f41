"""Train every model of the project, evaluate it, and register it only if it passes the gate.

1. **validate_training**: schema, quality and freshness of the rows the models learn from, in the models' own windows.
2. For each model: **build_features** (point-in-time, from Feast), **train**, **evaluate** (against a majority-class
   baseline), **register**: log the candidate in MLflow, and register a version under the alias `staging`, only if the
   metric is *strictly greater* than the gate's value.
3. Where a model's `promotion` is not `by_hand`: **approve** waits for an answer under *Required Actions*, if there has
   to be one, and **promote** makes the version the `champion`.
4. **registered** triggers the DAGs that wait for the asset, if no model failed and at least one was registered.

A rejected model is not a failure: `register` logs it in MLflow and is then skipped, and the decision with its numbers
is in the run store too. Nor is a rejected promotion: the version stays `staging`.
"""

from airflow.sdk import chain, task_group

from maestro_ml.airflow.approval_time import is_promoted, longest_wait
from maestro_ml.airflow.current_project import current_project
from maestro_ml.airflow.dag_factory import announcement, pipeline_dag, promotion_tasks, step_task

project = current_project()


@task_group
def model(target: str) -> None:
    """Run the training steps of one model in order."""
    chain(
        step_task(project, "build_features", target=target),
        step_task(project, "train", target=target),
        step_task(project, "evaluate", target=target),
        step_task(project, "register", target=target),
        *(promotion_tasks(project, target) if is_promoted(project) else ()),
    )


if project.models:
    with pipeline_dag(project, project.training, __doc__, longest_wait(project)) as dag:
        check = step_task(project, "validate_training", over=project.validated_models())
        check >> model.expand(target=list(project.models))
        dag.get_task("model.register") >> announcement(project, "registered")
