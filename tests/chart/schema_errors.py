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
# The schemas call these fields text; the API server knows these words only. By the end of the path.
WORDS = {
    "accessModes": {"ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod"},
    "concurrencyPolicy": {"Allow", "Forbid", "Replace"},
    "dnsPolicy": {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"},
    "effect": {"NoSchedule", "PreferNoSchedule", "NoExecute"},
    "fsGroupChangePolicy": {"OnRootMismatch", "Always"},
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "ipFamilies": {"IPv4", "IPv6"},
    "ipFamilyPolicy": {"SingleStack", "PreferDualStack", "RequireDualStack"},
    "medium": {"", "Memory"},
    "metrics.type": {"Resource", "ContainerResource", "Pods", "Object", "External"},
    "onExitCodes.operator": {"In", "NotIn"},
    "pathType": {"Exact", "Prefix", "ImplementationSpecific"},
    "podManagementPolicy": {"OrderedReady", "Parallel"},
    "policies.type": {"Pods", "Percent"},
    "policyTypes": {"Ingress", "Egress"},
    "protocol": {"TCP", "UDP", "SCTP"},
    "restartPolicy": {"Always", "OnFailure", "Never"},
    "rules.action": {"FailJob", "FailIndex", "Ignore", "Count"},
    "seccompProfile.type": {"RuntimeDefault", "Localhost", "Unconfined"},
    "strategy.type": {"Recreate", "RollingUpdate"},
    "subjects.kind": {"ServiceAccount", "User", "Group"},
    "target.type": {"Utilization", "AverageValue", "Value"},
    "terminationMessagePolicy": {"File", "FallbackToLogsOnError"},
    "tolerations.operator": {"Exists", "Equal"},
    "unhealthyPodEvictionPolicy": {"IfHealthyBudget", "AlwaysAllow"},
    "whenDeleted": {"Retain", "Delete"},
    "whenScaled": {"Retain", "Delete"},
    "whenUnsatisfiable": {"DoNotSchedule", "ScheduleAnyway"},
}
# What is set of the custom kinds that bring no schema: an operator leaves out what it does not know, without a word.
ANY: dict = {}
FIELDS = {
    "ServiceMonitor": {
        "selector": {"matchLabels": ANY},
        "endpoints": dict.fromkeys(("port", "path", "interval", "scrapeTimeout"), ANY),
    },
    "PrometheusRule": {
        "groups": {"name": ANY, "rules": dict.fromkeys(("alert", "expr", "for", "labels", "annotations"), ANY)},
    },
    "ExternalSecret": {
        "refreshInterval": ANY,
        "secretStoreRef": dict.fromkeys(("kind", "name"), ANY),
        "target": dict.fromkeys(("name", "creationPolicy", "template"), ANY),
        "dataFrom": {"extract": {"key": ANY}},
    },
    "HTTPRoute": {
        "parentRefs": dict.fromkeys(("group", "kind", "name", "namespace", "port", "sectionName"), ANY),
        "hostnames": ANY,
        "rules": {
            "matches": {"path": {"type": ANY, "value": ANY}},
            "filters": ANY,
            "backendRefs": {"name": ANY, "port": ANY},
        },
    },
}


def unknown_words(node, path=""):
    """Yield each field below a node whose word the API server does not know."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from unknown_words(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from unknown_words(value, path)
    elif isinstance(node, str):
        known = next((words for end, words in WORDS.items() if path.endswith(f".{end}")), {node})
        if node not in known:
            yield f"{node!r} is none of {sorted(known)} at {path}"


def unknown_fields(node, known, path="spec"):
    """Yield each field below a node that is none of those that are known."""
    if isinstance(node, list):
        for value in node:
            yield from unknown_fields(value, known, path)
    elif isinstance(node, dict) and known:
        for key, value in node.items():
            if key not in known:
                yield f"{path}.{key} is no field of it"
            yield from unknown_fields(value, known.get(key, ANY), f"{path}.{key}")


def errors(documents, kubernetes):
    for document in documents:
        if document["kind"] in CUSTOM_KINDS:
            found = unknown_fields(document.get("spec", {}), FIELDS.get(document["kind"], ANY))
            yield from (f"{identity(document)}: {problem}" for problem in found)
            continue
        body = {key: value for key, value in document.items() if key != "metadata"}
        yield from (f"{identity(document)}: {problem}" for problem in unknown_words(body))
        try:
            kubernetes_validate.validate(document, kubernetes, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{identity(document)}: {error.message} at {'.'.join(map(str, error.path))}"
