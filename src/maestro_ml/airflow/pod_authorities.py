"""Certificate authorities of one's own in a training pod, as in the chart's pods (`global.caBundle`)."""

from typing import Any

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


def ca_volumes(execution: Execution) -> list[dict[str, Any]]:
    """Return the volumes with the authorities that the project names."""
    volumes: list[dict[str, Any]] = []
    items = [{"key": execution.ca_key, "path": "ca.crt"}]
    if execution.ca_config_map:
        volumes.append({"name": _VOLUME, "configMap": {"name": execution.ca_config_map, "items": items}})
    elif execution.ca_secret:
        volumes.append({"name": _VOLUME, "secret": {"secretName": execution.ca_secret, "items": items}})
    if execution.tls_secret:
        authority = [{"key": "ca.crt", "path": "ca.crt"}]
        volumes.append({"name": _TLS_VOLUME, "secret": {"secretName": execution.tls_secret, "items": authority}})
    return volumes


def ca_mounts(execution: Execution) -> list[dict[str, Any]]:
    """Return where the authorities are mounted."""
    folders = {_VOLUME: FOLDER, _TLS_VOLUME: TLS_FOLDER}
    return [
        {"name": each["name"], "mountPath": folders[each["name"]], "readOnly": True} for each in ca_volumes(execution)
    ]
