"""Run a step as a task in a pod of its own. Imported only when a project uses pods: the cncf provider is heavy."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from kubernetes.client import models as k8s

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.custom_resources import CustomResourceRun
from maestro_ml.airflow.lineage import StepLineage
from maestro_ml.airflow.operators import fail_on_permanent_errors, folder_of, run_end
from maestro_ml.airflow.pod_errors import error_of_pod
from maestro_ml.airflow.pod_manifest import pod_manifest
from maestro_ml.airflow.pod_start import PatientPodManager
from maestro_ml.airflow.publish import publish_result
from maestro_ml.airflow.resource_manifest import resource_manifest
from maestro_ml.project import MaestroError, Project
from maestro_ml.steps import StepRecord, StepResult
from maestro_ml.steps.store import RESULT

if TYPE_CHECKING:
    from airflow.sdk import Context

    from maestro_ml.steps.step_folder import StepFolder

# A pod waits in a queue for as long as the task may run.
_QUEUED_SECONDS = 30 * 24 * 3600


class MaestroPodOperator(StepLineage, KubernetesPodOperator):  # type: ignore[misc]
    """Run `maestro run STEP` in a pod and read the result from the run store, without an XCom sidecar.

    Where the project gives the step a custom resource, its operator runs the step in the place of a pod of ours.
    `durable`: when the worker dies, the next try finds the running pod instead of starting a second one.
    """

    template_fields = (*KubernetesPodOperator.template_fields, "target", "parameters")

    def __init__(
        self,
        *,
        step: str,
        project_path: str,
        target: str = "",
        parameters: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        project = project_at(project_path)
        super().__init__(**(pod_arguments(project, step) | kwargs))
        self.step = step
        self.project_path = project_path
        self.target = target
        self.parameters = parameters
        self.custom_resource: CustomResourceRun | None = None

    @cached_property
    def pod_manager(self) -> PatientPodManager:
        """Return a pod manager that gives up early on a pod that cannot start."""
        return PatientPodManager(kube_client=self.client, callbacks=self.callbacks)

    def execute(self, context: "Context") -> dict[str, Any]:
        """Run the step in a pod and publish its result.

        Raises:
            AirflowFailException: the step, the pod or the verdict shows that another try would not help.
            AirflowException: the step's own error, or Kubernetes' reason for the pod's failure, in one sentence.
        """
        with fail_on_permanent_errors():
            project = project_at(self.project_path)
            folder = folder_of(context, project.locate(project.store), self.step, self.target)
            self.arguments = self._command(context, folder)
            # The target is known only now: one operator stands for all models of a mapped task.
            self.schedule_timeout_seconds = pod_arguments(project, self.step, self.target)["schedule_timeout_seconds"]
            try:
                self.custom_resource = self._custom_resource(project, folder)
                if self.custom_resource:
                    self.custom_resource.run()
                else:
                    super().execute(context)
            except Exception as error:
                # Exit code 1 is a verdict: then the pod has written a result in this attempt.
                if not _finished_since(folder, context):
                    raise error_of_pod(folder, context, error, self.remote_pod) from None
            record = folder.read_model(RESULT, StepRecord[StepResult])
            return publish_result(record, project, context["dag_run"].dag_id, self.log)

    def on_kill(self) -> None:
        """Delete the pod or the custom resource."""
        super().on_kill()
        if self.custom_resource:
            self.custom_resource.delete()

    def build_pod_request_obj(self, context: "Context | None" = None, *, dry_run: bool = False) -> k8s.V1Pod:
        """Return the step's pod, with Airflow's labels."""
        manifest = pod_manifest(project_at(self.project_path), self.step, self.target, self.project_path)
        self.full_pod_spec = PodGenerator.deserialize_model_dict(manifest)
        return super().build_pod_request_obj(context, dry_run=dry_run)

    def _custom_resource(self, project: Project, folder: "StepFolder") -> CustomResourceRun | None:
        resource = project.pod_of(self.step, self.target).custom_resource
        if resource is None:
            return None
        manifest = resource_manifest(
            project, resource, self.step, self.target, self.project_path, self.arguments, folder.run_uri
        )
        return CustomResourceRun(self.hook, resource.resource_kind, manifest, self.schedule_timeout_seconds)

    def _command(self, context: "Context", folder: "StepFolder") -> list[str]:
        target = ["--target", self.target] if self.target else []
        given = [part for name, value in (self.parameters or {}).items() for part in ("--param", f"{name}={value}")]
        end = run_end(context).isoformat()
        return ["run", self.step, *target, "--at", end, "--run-uri", folder.run_uri, *given, "--json"]


def _finished_since(folder: "StepFolder", context: "Context") -> bool:
    try:
        if not folder.exists(RESULT):
            return False
        record = folder.read_model(RESULT, StepRecord[StepResult])
    except MaestroError:
        return False  # the store cannot be used; the pod's message has the reason
    started = context["ti"].start_date
    return started is None or record.finished_at >= started


def pod_arguments(project: Project, step: str, target: str = "") -> dict[str, Any]:
    """Return KubernetesPodOperator's arguments for a step, beside the pod itself."""
    execution, settings = project.execution, project.pod_of(step, target)
    queued = _QUEUED_SECONDS if settings.queue else execution.startup_timeout_seconds
    return {
        "namespace": execution.namespace,
        "startup_timeout_seconds": execution.startup_timeout_seconds,
        "schedule_timeout_seconds": settings.schedule_timeout_seconds or queued,
        "durable": True,
        "do_xcom_push": False,
        "get_logs": True,
        "log_events_on_failure": True,
        # The operator's own default would replace the manifest's.
        "termination_message_policy": "FallbackToLogsOnError",
        "log_pod_spec_on_failure": False,
        "on_finish_action": "delete_pod",
    }
