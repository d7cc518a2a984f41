"""What a task may do with the pods of training, where steps run in pods."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.library_errors import text_of
from maestro_ml.doctor.health import Health, Unwell, tried
from maestro_ml.project import Project
from maestro_ml.project.settings import Execution

_TIMEOUT = 5  # seconds
_NOT_FOUND = 404
# Verb, resource and subresource of what Airflow's pod operator calls; the Role of training.enabled allows them.
_NEEDED = (
    *((verb, "pods", "") for verb in ("create", "get", "list", "patch", "delete")),
    ("get", "pods", "log"),
    ("list", "events", ""),
)


def kubernetes_health(project: Project) -> Iterator[Health]:
    """Look whether this process may start pods; nothing where steps run in the task."""
    if project.execution.mode != "kubernetes":
        return
    if find_spec("kubernetes") is None:
        yield Health("Kubernetes", "fail", "its client is not installed", "pip install 'maestro-ml[airflow]'")
        return
    remedy = "kubectl cluster-info; export KUBECONFIG=FILE where the cluster is another one"
    yield tried("Kubernetes", partial(_rights, project.execution), remedy)


def _rights(execution: Execution) -> str:
    from kubernetes import client, config
    from urllib3.exceptions import HTTPError

    try:
        config.load_incluster_config()
    except config.ConfigException:
        try:
            config.load_kube_config()
        except (config.ConfigException, OSError):
            message = "there is neither a service account nor a kubeconfig here"
            raise Unwell(message, "fail", "export KUBECONFIG=FILE") from None
    namespace = execution.namespace or "default"
    try:
        if denied := list(_denied(namespace)):
            message = f"this account may not {', '.join(denied)} in the namespace {namespace}"
            remedy = f"kubectl auth can-i --list -n {namespace}; training.enabled: true of the chart gives the rights"
            raise Unwell(message, "fail", remedy)
        _try_a_pod(execution, namespace)
    except (client.ApiException, HTTPError) as error:
        raise MaestroError(f"its API does not answer: {text_of(error)}") from None
    return f"this account may start and watch pods in the namespace {namespace}"


def _denied(namespace: str) -> Iterator[str]:
    from kubernetes import client

    reviews = client.AuthorizationV1Api()
    for verb, resource, part in _NEEDED:
        attributes = client.V1ResourceAttributes(
            namespace=namespace, verb=verb, resource=resource, subresource=part or None
        )
        spec = client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
        review = client.V1SelfSubjectAccessReview(spec=spec)
        answer = reviews.create_self_subject_access_review(review, _request_timeout=_TIMEOUT)
        if not answer.status.allowed:
            yield f"{verb} {resource}{f'/{part}' if part else ''}"


def _try_a_pod(execution: Execution, namespace: str) -> None:
    """Ask the API server whether it would take a pod, which it does not create; raise Unwell if a part is missing.

    Other refusals are not judged: this pod is less than a step's, so a quota or a policy may allow that one only.
    """
    from kubernetes import client

    container = client.V1Container(name="base", image=execution.image)
    account = execution.service_account
    spec = client.V1PodSpec(service_account_name=account, containers=[container], restart_policy="Never")
    pod = client.V1Pod(metadata=client.V1ObjectMeta(generate_name="maestro-doctor-"), spec=spec)
    try:
        client.CoreV1Api().create_namespaced_pod(namespace, pod, dry_run="All", _request_timeout=_TIMEOUT)
    except client.ApiException as error:
        text = str(error.body).lower()
        if error.status == _NOT_FOUND and "namespaces" in text:
            raise Unwell(
                f"there is no namespace {namespace}", "fail", f"kubectl create namespace {namespace}"
            ) from None
        if account and "service account" in text and "not found" in text:
            remedy = f"kubectl create serviceaccount {account} -n {namespace}"
            raise Unwell(
                f"there is no service account {account} in the namespace {namespace}", "fail", remedy
            ) from None
