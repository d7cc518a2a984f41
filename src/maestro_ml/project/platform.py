"""Settings of the platform: the environment variables that fill in what maestro.yaml leaves open."""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.node import Path

# The key of maestro.yaml and the variable that holds its default. The chart sets these variables (global.environment).
DEFAULTS: dict[Path, str] = {
    ("store",): "MAESTRO_STORE",
    ("data",): "MAESTRO_DATA",
    ("tracking", "uri"): "MLFLOW_TRACKING_URI",
    ("alerting", "notify"): "MAESTRO_NOTIFY",
    ("alerting", "alertmanager"): "MAESTRO_ALERTMANAGER_URL",
    ("training", "queue"): "MAESTRO_TRAINING_QUEUE",
    ("execution", "mode"): "MAESTRO_EXECUTION",
    ("execution", "image"): "MAESTRO_TRAINING_IMAGE",
    ("execution", "image_pull_policy"): "MAESTRO_TRAINING_PULL_POLICY",
    ("execution", "project"): "MAESTRO_TRAINING_PROJECT",
    ("execution", "namespace"): "MAESTRO_TRAINING_NAMESPACE",
    ("execution", "service_account"): "MAESTRO_TRAINING_SERVICE_ACCOUNT",
    ("execution", "env_from_config_map"): "MAESTRO_TRAINING_CONFIG_MAP",
    ("execution", "env_from_secret"): "MAESTRO_TRAINING_SECRET",
    ("execution", "ca_config_map"): "MAESTRO_TRAINING_CA_CONFIG_MAP",
    ("execution", "ca_secret"): "MAESTRO_TRAINING_CA_SECRET",
    ("execution", "ca_key"): "MAESTRO_TRAINING_CA_KEY",
    ("execution", "tls_secret"): "MAESTRO_TRAINING_TLS_SECRET",
}
# The same for the stores of Feast, where the project has features. The key of an online store's type holds what counts
# for that type only. A store that maestro.yaml describes is left as it is: keys of two stores do not mix.
FEAST_DEFAULTS: dict[Path, str] = {
    ("features", "registry", "registry_type"): "FEAST_REGISTRY_TYPE",
    ("features", "registry", "path"): "FEAST_REGISTRY",
    ("features", "online_store", "type"): "FEAST_ONLINE_STORE_TYPE",
    ("features", "online_store", "sqlite", "path"): "FEAST_ONLINE_STORE",
    ("features", "online_store", "redis", "connection_string"): "FEAST_ONLINE_STORE",
}
# The folder of the project itself, for the command line and every Airflow process.
PROJECT_VARIABLE = "MAESTRO_PROJECT"
# Variables that something other than the loading of a project reads.
_OTHERS = (PROJECT_VARIABLE, "MAESTRO_CHART_CACHE", "MAESTRO_PROBE_MAX_AGE", "MAESTRO_PROBE_REPLY_SECONDS")
# Kubernetes sets these for a Service whose name begins with `maestro`.
_SERVICE = re.compile(r"_SERVICE_(HOST|PORT\w*)$|_PORT(_\d+_(TCP|UDP)\w*)?$")

_log = logging.getLogger(__name__)


def platform_defaults(data: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[tuple[Path, str, str]]:
    """Yield key path, value and variable of each setting that the environment gives and the project file does not."""
    for path, variable in (*DEFAULTS.items(), *FEAST_DEFAULTS.items()):
        value = environ.get(variable)
        if value and _is_open(data, path):
            yield path, value, variable


def warn_of_unread_variables(environ: Mapping[str, str], used: frozenset[str]) -> None:
    """Log a warning for each `MAESTRO_*` variable that nothing reads.

    Args:
        used: the variables that the project file names itself.
    """
    for name, hint in unread_variables(environ, used):
        _warn(name, hint)


def unread_variables(environ: Mapping[str, str], used: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield each `MAESTRO_*` variable that nothing reads, and how a message suggests the one that was meant."""
    known = {*DEFAULTS.values(), *_OTHERS, *used}
    for name in sorted(set(environ) - known):
        if name.startswith("MAESTRO_") and not _SERVICE.search(name):
            yield name, did_you_mean(name, sorted(known), otherwise="")


@cache
def _warn(name: str, hint: str) -> None:
    _log.warning("the environment variable %s is set, and nothing reads it%s", name, hint)


def _is_open(data: Mapping[str, Any], path: Path) -> bool:
    """Return whether the project file leaves a setting to the environment."""
    if path in FEAST_DEFAULTS:
        features = data.get("features")
        return isinstance(features, Mapping) and features.get(path[1]) is None
    here: Any = data
    for key in path[:-1]:
        here = here.get(key)
        if here is None:
            return True
        if not isinstance(here, Mapping):
            return False  # a mistake, reported as such
    return here.get(path[-1]) is None
