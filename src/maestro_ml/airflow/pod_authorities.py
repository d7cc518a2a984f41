"""Certificate authorities of one's own in a training pod, as in the chart's pods (`global.caBundle`)."""

from kubernetes.client import models as k8s

from maestro_ml.project.settings import Execution

FOLDER = "/etc/maestro/ca"
# By which programs find the file.
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO")
_VOLUME = "ca-bundle"
# The authority of the release's own servers (`global.tls`); connection strings and PGSSLROOTCERT name the file.
TLS_FOLDER = "/etc/maestro/tls"
_TLS_VOLUME = "tls-authority"


def ca_variables(execution: Execution) -> dict[str, str]:
    """Return the environment variables that name the authorities' file."""
    return dict.fromkeys(VARIABLES, f"{FOLDER}/ca.crt") if execution.ca_config_map or execution.ca_secret else {}


def ca_volumes(execution: Execution) -> list[k8s.V1Volume]:
    """Return the volumes with the authorities that the project names."""
    volumes = []
    items = [k8s.V1KeyToPath(key=execution.ca_key, path="ca.crt")]
    if execution.ca_config_map:
        source = k8s.V1ConfigMapVolumeSource(name=execution.ca_config_map, items=items)
        volumes.append(k8s.V1Volume(name=_VOLUME, config_map=source))
    elif execution.ca_secret:
        secret = k8s.V1SecretVolumeSource(secret_name=execution.ca_secret, items=items)
        volumes.append(k8s.V1Volume(name=_VOLUME, secret=secret))
    if execution.tls_secret:
        authority = [k8s.V1KeyToPath(key="ca.crt", path="ca.crt")]
        secret = k8s.V1SecretVolumeSource(secret_name=execution.tls_secret, items=authority)
        volumes.append(k8s.V1Volume(name=_TLS_VOLUME, secret=secret))
    return volumes


def ca_mounts(execution: Execution) -> list[k8s.V1VolumeMount]:
    """Return where the authorities are mounted."""
    folders = {_VOLUME: FOLDER, _TLS_VOLUME: TLS_FOLDER}
    return [
        k8s.V1VolumeMount(name=each.name, mount_path=folders[each.name], read_only=True)
        for each in ca_volumes(execution)
    ]
