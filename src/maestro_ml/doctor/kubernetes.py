"""What a task may do with the pods of training, where steps run in pods."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.library_errors import text_of
from maestro_ml.doctor.health import Health, tried
from maestro_ml.project import Project

_TIMEOUT = 5  # seconds
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
    namespace = project.execution.namespace or "default"
    remedy = f"kubectl auth can-i --list -n {namespace}; training.enabled: true of the chart gives the rights"
    yield tried("Kubernetes", partial(_rights, namespace), remedy)


def _rights(namespace: str) -> str:
    from kubernetes import client, config
    from urllib3.exceptions import HTTPError

    try:
        config.load_incluster_config()
    except config.ConfigException:
        try:
            config.load_kube_config()
        except (config.ConfigException, OSError):
            raise MaestroError("there is neither a service account nor a kubeconfig here") from None
    reviews = client.AuthorizationV1Api()
    denied = []
    try:
        for verb, resource, part in _NEEDED:
            attributes = client.V1ResourceAttributes(
                namespace=namespace, verb=verb, resource=resource, subresource=part or None
            )
            spec = client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
            review = client.V1SelfSubjectAccessReview(spec=spec)
            answer = reviews.create_self_subject_access_review(review, _request_timeout=_TIMEOUT)
            if not answer.status.allowed:
                denied.append(f"{verb} {resource}{f'/{part}' if part else ''}")
    except (client.ApiException, HTTPError) as error:
        raise MaestroError(f"its API does not answer: {text_of(error)}") from None
    if denied:
        raise MaestroError(f"this account may not {', '.join(denied)} in the namespace {namespace}")
    return f"this account may start and watch pods in the namespace {namespace}"
