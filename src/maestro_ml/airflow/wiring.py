"""What the DAG files share: a pipeline's DAG with its schedule, deadline and habits, and a step's task."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, Asset

from maestro_ml.airflow.deadlines import deadline
from maestro_ml.airflow.deployment import project_at, project_path
from maestro_ml.airflow.notifier import MaestroNotifier
from maestro_ml.airflow.operators import MaestroStepOperator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maestro_ml.project import Project
    from maestro_ml.project.pipelines import Pipeline

FIRST_RETRY = timedelta(seconds=30)
# The UI shows a mapped task under the name of its dataset or model.
NAMED = "{{ task.target }}"
LAST_RETRY = timedelta(minutes=10)


def current_project() -> "Project":
    """The project MAESTRO_PROJECT names; a mistake in it becomes the DAG's import error, with file, line and key."""
    return project_at(project_path())


def pipeline_dag(project: "Project", pipeline: "Pipeline", doc: str | None) -> DAG:
    """A DAG with the habits all pipelines share."""
    path = project_path()
    return DAG(
        pipeline.dag_id,
        schedule=pipeline.schedule,
        start_date=project.since,
        end_date=project.until,
        catchup=False,
        max_active_runs=1,
        deadline=deadline(path, pipeline),
        doc_md=doc,
        tags={"maestro", project.name},
        default_args={
            "owner": project.team,
            "queue": pipeline.queue,
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
    """A step as a task: in process, or in a pod where the project says so.

    Args:
        project: the project.
        step: the step's name, the task's id too.
        over: the targets to map the task over; none for a step without one, or inside a mapped group.
        kwargs: the operator's other arguments.
    """
    operator: Any = MaestroStepOperator
    if project.execution.mode == "kubernetes" and step in project.execution.steps:
        from maestro_ml.airflow.pods import MaestroPodOperator

        operator = MaestroPodOperator
    arguments = {"task_id": step, "step": step, "project_path": project_path(), "map_index_template": NAMED, **kwargs}
    return operator(**arguments) if over is None else operator.partial(**arguments).expand(target=list(over))


def asset(project: "Project", name: str) -> Asset:
    """What other DAGs can be scheduled on."""
    return Asset(name=f"{project.name}_{name}", uri=f"maestro://{project.name}/{name}")


def announcement(project: "Project", name: str) -> Any:
    """The last task of a pipeline that works on several targets: one event of the asset, once all of them are done.

    An outlet of the mapped task itself would emit an event for each target that succeeds, also where another fails.
    The task runs if none failed and at least one succeeded: a model the gate rejects is skipped and holds up nothing.
    """
    from airflow.providers.standard.operators.empty import EmptyOperator

    return EmptyOperator(task_id=name, outlets=[asset(project, name)], trigger_rule="none_failed_min_one_success")
