"""Run a step as a task in a pod of its own. Imported only when a project uses pods: the cncf provider is heavy."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.operators import fail_on_permanent_errors, folder_of, run_end
from maestro_ml.airflow.pod_authorities import ca_mounts, ca_variables, ca_volumes
from maestro_ml.airflow.pod_errors import error_of_pod
from maestro_ml.airflow.pod_start import PatientPodManager
from maestro_ml.airflow.publish import publish_result
from maestro_ml.project import MaestroError, Project
from maestro_ml.project.platform import PROJECT_VARIABLE
from maestro_ml.project.settings import Execution
from maestro_ml.steps import StepRecord, StepResult
from maestro_ml.steps.store import RESULT

if TYPE_CHECKING:
    from airflow.sdk import Context

    from maestro_ml.steps.step_folder import StepFolder


class MaestroPodOperator(KubernetesPodOperator):  # type: ignore[misc]
    """Run `maestro run STEP` in a pod and read the result from the run store, without an XCom sidecar.

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
        super().__init__(**pod_settings(project, step, project_path), **kwargs)
        self.step = step
        self.project_path = project_path
        self.target = target
        self.parameters = parameters

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
            try:
                super().execute(context)
            except Exception as error:
                # Exit code 1 is a verdict: then the pod has written a result in this attempt.
                if not _finished_since(folder, context):
                    raise error_of_pod(folder, context, error, self.remote_pod) from None
            record = folder.read_model(RESULT, StepRecord[StepResult])
            return publish_result(record, project, context["dag_run"].dag_id, self.log)

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


def pod_settings(project: Project, step: str, project_path: str) -> dict[str, Any]:
    """Return KubernetesPodOperator's arguments for a step: PSS-restricted, no token, endpoints from a Secret.

    The pod looks for the project under the same path as this process, unless `execution.project` names another.
    """
    execution = project.execution
    return {
        "name": f"maestro-{step.replace('_', '-')}",
        "image": execution.image,
        "image_pull_policy": execution.image_pull_policy,
        "cmds": ["maestro"],
        "namespace": execution.namespace,
        "service_account_name": execution.service_account,
        "automount_service_account_token": False,
        "env_vars": {PROJECT_VARIABLE: execution.project or project_path, **ca_variables(execution)},
        "env_from": _environment(execution),
        "labels": {
            "app.kubernetes.io/name": "maestro",
            "app.kubernetes.io/component": "step",
            "maestro/step": step,
            "maestro/team": project.team,
            **execution.labels,
        },
        "container_resources": _resources(execution),
        "volumes": ca_volumes(execution),
        "volume_mounts": ca_mounts(execution),
        "node_selector": execution.node_selector or None,
        "security_context": k8s.V1PodSecurityContext(
            run_as_non_root=True, seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault")
        ),
        "container_security_context": k8s.V1SecurityContext(
            allow_privilege_escalation=False, capabilities=k8s.V1Capabilities(drop=["ALL"])
        ),
        "startup_timeout_seconds": execution.startup_timeout_seconds,
        "durable": True,
        "do_xcom_push": False,
        "get_logs": True,
        "log_events_on_failure": True,
        # The step writes its error as the termination message; if it could not, the end of the log is used instead.
        "termination_message_policy": "FallbackToLogsOnError",
        "log_pod_spec_on_failure": False,
        "on_finish_action": "delete_pod",
    }


def _environment(execution: Execution) -> list[k8s.V1EnvFromSource]:
    sources = []
    if execution.env_from_config_map:
        reference = k8s.V1ConfigMapEnvSource(name=execution.env_from_config_map)
        sources.append(k8s.V1EnvFromSource(config_map_ref=reference))
    if execution.env_from_secret:
        sources.append(k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name=execution.env_from_secret)))
    return sources


def _resources(execution: Execution) -> k8s.V1ResourceRequirements:
    wanted = execution.resources
    return k8s.V1ResourceRequirements(
        requests={"cpu": wanted.cpu, "memory": wanted.memory},
        limits={"cpu": wanted.cpu_limit or wanted.cpu, "memory": wanted.memory_limit or wanted.memory},
    )
