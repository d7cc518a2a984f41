"""Certificate authorities of one's own in a training pod, as in the chart's pods (`global.caBundle`)."""

from kubernetes.client import models as k8s

from maestro_ml.project.settings import Execution

FOLDER = "/etc/maestro/ca"
# By which programs find the file.
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO")
_VOLUME = "ca-bundle"


def ca_variables(execution: Execution) -> dict[str, str]:
    return dict.fromkeys(VARIABLES, f"{FOLDER}/ca.crt") if ca_volumes(execution) else {}


def ca_volumes(execution: Execution) -> list[k8s.V1Volume]:
    items = [k8s.V1KeyToPath(key=execution.ca_key, path="ca.crt")]
    if execution.ca_config_map:
        source = k8s.V1ConfigMapVolumeSource(name=execution.ca_config_map, items=items)
        return [k8s.V1Volume(name=_VOLUME, config_map=source)]
    if execution.ca_secret:
        return [
            k8s.V1Volume(name=_VOLUME, secret=k8s.V1SecretVolumeSource(secret_name=execution.ca_secret, items=items))
        ]
    return []


def ca_mounts(execution: Execution) -> list[k8s.V1VolumeMount]:
    return [k8s.V1VolumeMount(name=each.name, mount_path=FOLDER, read_only=True) for each in ca_volumes(execution)]
