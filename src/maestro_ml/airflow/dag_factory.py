"""Build what the DAG files share: a pipeline's DAG with its schedule, deadline and defaults, and a step's task."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, Asset

from maestro_ml.airflow.current_project import folder_of
from maestro_ml.airflow.deadlines import deadline
from maestro_ml.airflow.notifier import MaestroNotifier
from maestro_ml.airflow.operators import MaestroStepOperator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_ml.project import Project
    from maestro_ml.project.pipelines import Pipeline

FIRST_RETRY = timedelta(seconds=30)
# The UI labels a mapped task with its dataset or model.
TARGET_LABEL = "{{ task.target }}"
LAST_RETRY = timedelta(minutes=10)


def pipeline_dag(project: "Project", pipeline: "Pipeline", doc: str | None, waits: timedelta = timedelta()) -> DAG:
    """Build a pipeline's DAG, with the defaults that all pipelines share.

    Args:
        waits: how long its runs may wait for a person, in addition to the deadline.
    """
    path, dag_id = folder_of(project), project.dag_id_of(pipeline)
    return DAG(
        dag_id,
        schedule=pipeline.schedule,
        start_date=project.since,
        end_date=project.until,
        catchup=False,
        max_active_runs=1,
        deadline=deadline(path, pipeline, waits, dag_id),
        doc_md=doc,
        tags={"maestro", project.name},
        default_args={
            "owner": project.team,
            "queue": pipeline.queue,
            "pool": pipeline.task_pool,
            "execution_timeout": pipeline.task_timeout or pipeline.deadline,
            "retries": pipeline.retries,
            "retry_delay": FIRST_RETRY,
            "retry_exponential_backoff": True,
            "max_retry_delay": LAST_RETRY,
            "on_failure_callback": MaestroNotifier(
                project_path=path,
                title="Failed: {{ ti.dag_id }}.{{ ti.task_id }}",
                body="Run {{ dag_run.run_id }}, try {{ ti.try_number }}: {{ exception | default('no error given') }}",
            ),
        },
    )


def step_task(project: "Project", step: str, *, over: "Sequence[str] | None" = None, **kwargs: Any) -> Any:
    """Build the task of a step: in process, or in a pod if the project runs this step in pods.

    Args:
        project: the project.
        step: the step's name, which is also the task's id.
        over: the targets to map the task over; None for a step without a target, or inside a mapped group.
        kwargs: the operator's other arguments.
    """
    operator: Any = MaestroStepOperator
    if project.execution.mode == "kubernetes" and step in project.execution.steps:
        from maestro_ml.airflow.pods import MaestroPodOperator

        operator = MaestroPodOperator
    arguments = {
        "task_id": step,
        "step": step,
        "project_path": folder_of(project),
        "map_index_template": TARGET_LABEL,
        **kwargs,
    }
    return operator(**arguments) if over is None else operator.partial(**arguments).expand(target=list(over))


def promotion_tasks(project: "Project", target: Any) -> list[Any]:
    """Build the two tasks that make a model's new version the champion: the approval, and the step `promote`.

    Imported when a project needs it: the operator costs every parse of a DAG file some time.
    """
    from maestro_ml.airflow.approval import PARAMETERS, MaestroApprovalOperator

    approval = MaestroApprovalOperator(
        task_id="approve", project_path=folder_of(project), target=target, map_index_template=TARGET_LABEL
    )
    return [approval, step_task(project, "promote", target=target, parameters=PARAMETERS)]


def asset(project: "Project", name: str) -> Asset:
    """Return the asset on which other DAGs can be scheduled."""
    return Asset(name=f"{project.name}_{name}", uri=f"maestro://{project.name}/{name}")


def announcement(project: "Project", name: str) -> Any:
    """Build the last task of a pipeline with several targets: it emits one event of the asset when all are done.

    If the mapped task had the outlet, each target that succeeds would emit an event, even when another fails. This
    task runs if no target failed and at least one succeeded, so a model that the gate rejects does not hold it up.
    """
    from airflow.providers.standard.operators.empty import EmptyOperator

    return EmptyOperator(task_id=name, outlets=[asset(project, name)], trigger_rule="none_failed_min_one_success")
