"""What a value must look like by its name, wherever it stands: a port, a size, a duration.

Schedules are looked at in templates/_refuse_schedules.tpl: a sentence says what a pattern cannot.
"""

import re
from typing import Any

_DECIMAL = r"(0|[1-9][0-9]*)(\.[0-9]+)?"
QUANTITY = rf"^{_DECIMAL}(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][0-9]+)?$"
# Of an object, or a template that makes one.
NAME = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$|\{\{"
DURATION = r"^([0-9]+(ms|s|m|h|d|w|y))+$"


_PORT = {"minimum": 1, "maximum": 65535}
_COUNT = {"minimum": 0}
_POSITIVE = {"minimum": 1}
_ONE_QUANTITY = {"pattern": QUANTITY, "minimum": 0}
_QUANTITIES = {"additionalProperties": _ONE_QUANTITY}
_TEXT = {"type": ["string", "null"]}


def _items(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a list whose items are mappings with these keys and no others."""
    return {
        "items": {
            "type": "object",
            "required": list(required),
            "properties": properties,
            "additionalProperties": False,
        }
    }


# Items of a pod, as Kubernetes takes them: numbers and switches that stand where it wants text are refused there.
_VARIABLE = _items(("name",), name={"type": "string"}, value=_TEXT, valueFrom={"type": "object"})
_SOURCE = _items(configMapRef={"type": "object"}, secretRef={"type": "object"}, prefix=_TEXT)
_MOUNT = _items(
    ("name", "mountPath"),
    name={"type": "string"},
    mountPath={"type": "string"},
    subPath=_TEXT,
    subPathExpr=_TEXT,
    readOnly={"type": "boolean"},
    recursiveReadOnly=_TEXT,
    mountPropagation=_TEXT,
)
_TOLERATION = _items(
    key=_TEXT,
    operator={"enum": ["Exists", "Equal", "Lt", "Gt", None]},
    value=_TEXT,
    effect={"enum": ["NoSchedule", "PreferNoSchedule", "NoExecute", "", None]},
    tolerationSeconds={"type": ["integer", "null"]},
)
_VOLUME = {"items": {"type": "object", "required": ["name"], "minProperties": 2}}
_PULL_SECRET = {
    "items": {
        "type": ["string", "object"],
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
        "additionalProperties": False,
    }
}

# By the end of a key's name; the first that fits counts.
_RULES: list[tuple[str, dict[str, Any]]] = [
    (r"port|nodePort|\w+Port", _PORT),
    (r"replicas|minReplicaCount|retentionDays|maxFailures|revisionHistoryLimit|\w+HistoryLimit", _COUNT),
    (r"maxReplicaCount|workers|maxConnections|slots", _POSITIVE),
    (r"activeDeadlineSeconds|periodSeconds|timeoutSeconds|failureThreshold|successThreshold", _POSITIVE),
    (r"pollingInterval|canaryTimeoutSeconds|registryTtlSeconds", _POSITIVE),
    (r"\w+Seconds|cooldownPeriod", _COUNT),
    (r"size|sizeLimit", {"pattern": QUANTITY}),
    (r"extraEnv", _VARIABLE),
    (r"extraEnvFrom", _SOURCE),
    (r"extraVolumes", _VOLUME),
    (r"extraVolumeMounts", _MOUNT),
    (r"tolerations", _TOLERATION),
    (r"imagePullSecrets", _PULL_SECRET),
    (r"pullPolicy", {"enum": ["Always", "IfNotPresent", "Never"]}),
    (r"interval|scrapeTimeout|refreshInterval|pipelineTtl|\w+Window|\w+DownFor", {"pattern": DURATION}),
    (r"(\w+L|l)abels|(\w+A|a)nnotations|nodeSelector", {"additionalProperties": {"type": ["string", "null"]}}),
    (r"existingSecret|\w*[sS]ecretName|(ca|postgres|pgbouncer|onlineStore|tls|client|token)Secret", {"pattern": NAME}),
    (r"configMapName|existingClaim|priorityClassName", {"pattern": NAME}),
    # A template, or `-`: none, as in the official chart.
    (r"storageClass(Name)?", {"pattern": r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?|-)?$|\{\{"}),
]
_NAMED = {(of, "name") for of in ("serviceAccount", "store", "developmentSecrets", "storeRef", "issuer")}
_BELOW_RESOURCES = {"cpu": _ONE_QUANTITY, "memory": _ONE_QUANTITY}


def rule(path: tuple[str, ...]) -> dict[str, Any]:
    """Return the part of a JSON schema that a key's name implies; empty for most."""
    name = path[-1]
    if {"requests", "limits"} & set(path[:-1]):
        return dict(_BELOW_RESOURCES.get(name, {}))
    if path[-2:] in _NAMED:
        return {"pattern": NAME}
    if name == "resources":
        return {"properties": {"requests": _QUANTITIES, "limits": _QUANTITIES}}
    return next((dict(schema) for pattern, schema in _RULES if re.fullmatch(pattern, name)), {})
