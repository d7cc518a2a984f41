"""What the schemas of Kubernetes say about objects."""

import kubernetes_validate
from manifests import identity

# Their schemas belong to operators, not to Kubernetes.
CUSTOM_KINDS = {
    "ServiceMonitor",
    "PrometheusRule",
    "ExternalSecret",
    "HTTPRoute",
    "Certificate",
    "Issuer",
    "ScaledObject",
}
# The schemas call these fields text; the API server knows these words only.
WORDS = {
    "concurrencyPolicy": {"Allow", "Forbid", "Replace"},
    "dnsPolicy": {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"},
    "effect": {"NoSchedule", "PreferNoSchedule", "NoExecute"},
    "fsGroupChangePolicy": {"OnRootMismatch", "Always"},
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "ipFamilyPolicy": {"SingleStack", "PreferDualStack", "RequireDualStack"},
    "pathType": {"Exact", "Prefix", "ImplementationSpecific"},
    "podManagementPolicy": {"OrderedReady", "Parallel"},
    "protocol": {"TCP", "UDP", "SCTP"},
    "restartPolicy": {"Always", "OnFailure", "Never"},
    "terminationMessagePolicy": {"File", "FallbackToLogsOnError"},
    "unhealthyPodEvictionPolicy": {"IfHealthyBudget", "AlwaysAllow"},
    "whenDeleted": {"Retain", "Delete"},
    "whenScaled": {"Retain", "Delete"},
    "whenUnsatisfiable": {"DoNotSchedule", "ScheduleAnyway"},
}


def unknown_words(node, path=""):
    """Yield each field below a node whose word the API server does not know."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, str) and key in WORDS and value not in WORDS[key]:
            yield f"{value!r} is none of {sorted(WORDS[key])} at {path}{key}"
        yield from unknown_words(value, f"{path}{key}.")


def errors(documents, kubernetes):
    for document in documents:
        if document["kind"] in CUSTOM_KINDS:
            continue
        yield from (f"{identity(document)}: {problem}" for problem in unknown_words(document.get("spec", {})))
        try:
            kubernetes_validate.validate(document, kubernetes, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{identity(document)}: {error.message} at {'.'.join(map(str, error.path))}"
