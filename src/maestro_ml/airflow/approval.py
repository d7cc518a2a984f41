"""Ask a person in Airflow whether a version becomes the champion."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk.exceptions import AirflowSkipException

from maestro_ml.airflow.approval_time import approval_time
from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.notifier import send
from maestro_ml.airflow.operators import fail_on_permanent_errors, folder_of
from maestro_ml.core.node import format_duration
from maestro_ml.steps import StepRecord
from maestro_ml.steps.store import RESULT

if TYPE_CHECKING:
    from airflow.sdk import Context

APPROVE, REJECT = "Approve", "Reject"
# The parameters of the step `promote`, from what the task `approve` of the same model returned.
ANSWER = "ti.xcom_pull(task_ids='model.approve', map_indexes=ti.map_index)"
PARAMETERS = {"approved": f"{{{{ {ANSWER}['approved'] }}}}", "by": f"{{{{ {ANSWER}['by'] }}}}"}


class MaestroApprovalOperator(HITLOperator):  # type: ignore[misc]
    """Wait until somebody has approved or rejected the version that this run registered.

    A model of `promotion: automatic` passes without a question, and one of `by_hand` is skipped.

    Args:
        project_path: the project's folder.
        target: the model.
    """

    template_fields = (*HITLOperator.template_fields, "target")

    def __init__(self, *, project_path: str, target: str, **kwargs: Any) -> None:
        super().__init__(
            subject="Promote the new version?",
            options=[APPROVE, REJECT],
            defaults=REJECT,  # if nobody answers in time
            response_timeout=timedelta(hours=1),  # the model's own follows when it runs
            **kwargs,
        )
        self.project_path = project_path
        self.target = target

    def execute(self, context: "Context") -> Any:
        """Ask, and return `approved` and `by` once there is an answer.

        Raises:
            AirflowSkipException: the model is promoted by hand, or its new version did not take the alias.
        """
        from maestro_ml.steps.register import RegisterResult
        from maestro_ml.training.decision.record import PAGE

        with fail_on_permanent_errors():
            project = project_at(self.project_path)
            target = project.models[self.target].register_as
            if target.promotion == "by_hand":
                raise AirflowSkipException(f"{target.name} is promoted by hand: maestro models promote {self.target}")
            if target.promotion == "automatic":
                return {"approved": True, "by": ""}
            folder = folder_of(context, project.locate(project.store), "register", self.target)
            registered = folder.read_model(RESULT, StepRecord[RegisterResult]).result
            if registered.move is None or not registered.move.moved:
                raise AirflowSkipException(f"no approval is needed: {registered.summary}")
            page = folder.of_step("evaluate").path(PAGE)
        self.response_timeout = approval_time(project, self.target)
        self.assigned_users = [{"id": user, "name": user} for user in target.approvers] or None
        self.subject = f"Promote {target.name} version {registered.version} to {target.champion}?"
        self.body = (
            f"{registered.decision.reason}\n\n[Decision page]({page}): `{page}`\n\n"
            f"Without an answer within {format_duration(self.response_timeout)} it stays {target.alias}."
        )
        who = f" of {', '.join(target.approvers)}" if target.approvers else ""
        send(project.alerting.notify, self.subject, f"An answer{who} is needed in Airflow. {self.body}")
        return super().execute(context)

    def execute_complete(self, context: "Context", event: dict[str, Any]) -> dict[str, Any]:
        """Return what was answered, and by whom; a rejection is an answer too, and no failure."""
        answer = super().execute_complete(context, event)
        user = answer["responded_by_user"]
        by = "" if user is None else f"{user['name']} ({user['id']})" if user["name"] != user["id"] else user["id"]
        approved = answer["chosen_options"] == [APPROVE]
        self.log.info("%s: %s", by or "nobody answered in time", "approved" if approved else "rejected")
        return {"approved": approved, "by": by}
