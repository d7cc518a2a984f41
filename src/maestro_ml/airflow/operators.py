"""Run a step as an Airflow task, in this process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.hooks import connected
from maestro_ml.airflow.lineage import StepLineage
from maestro_ml.airflow.publish import publish_result
from maestro_ml.project import MaestroError
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.steps.failure import may_help_again

if TYPE_CHECKING:
    from airflow.sdk import Context


def run_end(context: "Context") -> datetime:
    """Return the end of the run's window: the end of its data interval, or `run_after` for an asset-triggered run."""
    return context.get("data_interval_end") or context["dag_run"].run_after


def folder_of(context: "Context", store: str, step: str, target: str) -> StepFolder:
    """Return the folder of a step of the context's run."""
    run = context["dag_run"]
    return StepFolder.of_run(store, run.dag_id, run.run_id, step, target)


@contextmanager
def fail_on_permanent_errors() -> Iterator[None]:
    """Turn an error that another try would not fix into one that Airflow does not retry."""
    try:
        yield
    except MaestroError as error:
        if may_help_again(error):
            raise
        raise AirflowFailException(str(error)) from error


class MaestroStepOperator(StepLineage, BaseOperator):
    """Run a step in this task's process.

    Args:
        step: the step's name.
        project_path: the project's folder.
        target: the dataset or model, if the step takes one.
        parameters: the step's parameters.
    """

    template_fields = ("target", "parameters")

    def __init__(
        self,
        *,
        step: str,
        project_path: str,
        target: str = "",
        parameters: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.step = step
        self.project_path = project_path
        self.target = target
        self.parameters = parameters

    def execute(self, context: "Context") -> dict[str, Any]:
        """Run the step and publish its result.

        Raises:
            AirflowFailException: the request or the project is wrong, or the verdict is fail: a retry would not help.
            MaestroError: a system failed, or the data is not there yet; another try may help.
        """
        with fail_on_permanent_errors(), connected(project_at(self.project_path)) as project:
            folder = folder_of(context, project.locate(project.store), self.step, self.target)
            record = run_step(
                self.step,
                project,
                folder,
                end=run_end(context),
                params=self.parameters,
                progress=self.log.info,
            )
            return publish_result(record, project, context["dag_run"].dag_id, self.log)
