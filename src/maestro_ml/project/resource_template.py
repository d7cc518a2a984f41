"""Placeholders of a custom resource, such as `${image}`: parts of the step's pod, by Kubernetes' names."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from maestro_ml.core.node import Path

# `$${HOME}` stands for the text ${HOME}.
_PLACEHOLDER = re.compile(r"(\$?)\$\{([^}]*)\}")
# Those that run the step; a resource without one of them would do something else.
RUNNING = ("commandLine", "args", "container", "podSpec")
TEXTS = ("name", "namespace", "image", "imagePullPolicy", "commandLine", "priorityClassName", "serviceAccountName")
# The setting of a pod that each of the others holds.
SETTINGS = {
    "env": "environment",
    "resources": "resources",
    "nodeSelector": "node_selector",
    "tolerations": "tolerations",
    "volumes": "volumes",
    "priorityClassName": "priority_class",
    "podSecurityContext": "fs_group",
}
# In these are several of them.
_WHOLES = {"container": {"environment", "resources"}, "podSpec": {*SETTINGS.values()}}
PARTS = (
    *TEXTS,
    *(name for name in SETTINGS if name not in TEXTS),
    *("labels", "command", "args", "envFrom", "volumeMounts", "securityContext", *_WHOLES),
)


def placeholders(value: Any, here: Path = ()) -> Iterator[tuple[Path, str, bool]]:
    """Yield place and name of each placeholder, and whether it is the whole value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from placeholders(inner, (*here, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from placeholders(inner, (*here, index))
    elif isinstance(value, str):
        for match in _PLACEHOLDER.finditer(value):
            if not match[1]:
                yield here, match[2], match[0] == value


def settings_in(names: set[str]) -> set[str]:
    """Return the settings of a pod that these placeholders bring into the resource."""
    return {SETTINGS[name] for name in names & SETTINGS.keys()}.union(*(_WHOLES.get(name, set()) for name in names))


def filled(value: Any, parts: Mapping[str, Any]) -> Any:
    """Return the value with parts in the place of placeholders; a key whose part is empty is left out."""
    if isinstance(value, dict):
        inner = {key: filled(each, parts) for key, each in value.items()}
        return {key: each for key, each in inner.items() if not (each in (None, [], {}) and _is_part(value[key]))}
    if isinstance(value, list | tuple):
        return [each for each in (filled(each, parts) for each in value) if each is not None]
    if not isinstance(value, str):
        return value
    if _is_part(value):
        return parts.get(value[2:-1])
    return _PLACEHOLDER.sub(lambda match: match[0][1:] if match[1] else str(parts.get(match[2]) or ""), value)


def command_line(words: list[str]) -> str:
    """Return a command as a shell reads it."""
    return shlex.join(words)


def _is_part(value: Any) -> bool:
    return isinstance(value, str) and any(whole for _, _, whole in placeholders(value))
