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


def errors(documents, kubernetes):
    for document in documents:
        if document["kind"] in CUSTOM_KINDS:
            continue
        try:
            kubernetes_validate.validate(document, kubernetes, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{identity(document)}: {error.message} at {'.'.join(map(str, error.path))}"
