"""Every documented value with another valid one, and what a render makes of it."""

import functools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema
from composition import CUSTOM_APIS, ENVIRONMENTS, HELM, ROOT
from own_objects import own_objects

sys.path.insert(0, str(ROOT / "ci"))
import values_reference
import yaml

OWN_OBJECTS = "the umbrella without the objects of the official chart"
# Values whose form their schema does not say, by the end of the path.
FORMS: dict[str, Any] = {
    "s3.uri": "s3://leaf/leaf",
    "annotations": {"leaf": "leaf"},
    "podLabels": {"leaf": "leaf"},
    "tolerations": [{"key": "leaf", "operator": "Exists"}],
    "imagePullSecrets": [{"name": "leaf"}],
    "extraEnv": [{"name": "leaf", "value": "leaf"}],
    "extraEnvFrom": [{"configMapRef": {"name": "leaf"}}],
    "extraVolumes": [{"name": "leaf", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "leaf", "mountPath": "/leaf"}],
    "gateway.parentRefs": [{"name": "leaf", "sectionName": "leaf"}],
    "auth.filters": [{"type": "leaf"}],
    "mapping.extra": [{"match": "leaf", "name": "leaf"}],
    "alerts.disabled": ["MaestroDrift"],
    "alerts.queuesScaledToZero": ["leaf"],
    "allowedHosts": ["leaf.example.com"],
    "networkPolicies.webFrom": [{"podSelector": {"matchLabels": {"leaf": "leaf"}}}],
    "networkPolicies.metricsFrom": [{"podSelector": {"matchLabels": {"leaf": "leaf"}}}],
    "networkPolicies.egress": [{"ports": [{"port": 4444}]}],
    "setup.pools": {"leaf": {"slots": 3}},
    "setup.connections": {"leaf": {"conn_type": "http"}},
    "setup.users": [{"username": "leaf", "role": "Viewer", "passwordSecret": {"name": "leaf", "key": "leaf"}}],
    "priorities": {"leaf": {"value": 7}},
    "databases": ["airflow", "feast", "mlflow", "leaf"],
    "keda.sets": {"heavy": {"maxReplicaCount": 3}},
    "path": "/leaf",
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "leaf"}}],
    "ipFamilies": ["IPv6"],
    "networkPolicies.ports.git": [4444],
    "networkPolicies.ports.redis": [4444],
    "networkPolicies.ports.broker": [4444],
    "MAESTRO_STORE": "s3://leaf/runs",
    "timeZone": "Europe/Berlin",
    "corsAllowedOrigins": ["https://leaf.example.com"],
}


@dataclass(frozen=True, eq=False)
class Leaf:
    path: tuple[str, ...]
    default: Any
    value: Any
    schema: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return ".".join(self.path)

    @property
    def values(self) -> dict[str, Any]:
        nested: Any = self.value
        for name in reversed(self.path):
            nested = {name: nested}
        return nested


def another(value: values_reference.Value) -> Any:
    """Return a value of the same kind that is not the default."""
    path, schema, default = ".".join(value.path), value.schema(), value.default
    for form, other in FORMS.items():
        if path == form or path.endswith(f".{form}"):
            return other
    if "enum" in schema:
        return next(option for option in schema["enum"] if option != default)
    fitting = [text for text in ("77Mi", "77m") if re.search(schema.get("pattern", "^$"), text)]
    text = "leaf.example.com" if value.path[-1] in {"host", "address"} else "leaf"
    number = default + 1 if isinstance(default, int | float) else 0
    kinds = {bool: not default, int: number, list: [*default, "leaf"] if isinstance(default, list) else []}
    return kinds.get(type(default), {"leaf": "leaf"} if isinstance(default, dict) else next(iter([*fitting, text])))


def leaves(values: list[values_reference.Value]) -> Iterator[Leaf]:
    for value in values:
        if value.extra.get("subchart"):
            yield from (child for child in leaves(value.children))
        elif value.children:
            yield from leaves(value.children)
        else:
            yield Leaf(value.path, value.default, another(value), value.schema())


def documented(chart: str) -> list[Leaf]:
    """Return the leaves of a subchart, or of the umbrella for an empty name."""
    return list(leaves(values_reference.values_of(ROOT / "charts" / chart if chart else ROOT)))


# What follows from all values together changes with each of them, read or not.
_DIGESTS = re.compile(r"^ *checksum/.*\n|(?<=-setup-)[0-9a-f]{8,}|(?<=-restore-)[0-9a-f]{8,}", re.MULTILINE)


def folder_of(chart: str) -> Path:
    """Return a subchart's, the umbrella's for an empty name, or of the copy of it that renders its own objects only."""
    return own_objects() if chart == OWN_OBJECTS else ROOT / "charts" / chart if chart else ROOT


def render(chart: str, profile: dict[str, Any], *leaves: Leaf) -> tuple[bool, str]:
    """Return whether it rendered, and what came out or the refusal.

    A profile may start from an environment, its key "".
    """
    layers = [{name: value for name, value in profile.items() if name}, *(leaf.values for leaf in leaves)]
    apis = [part for api in CUSTOM_APIS for part in ("--api-versions", api)]
    command = [HELM, "template", "maestro", folder_of(chart), "--namespace", "ml", *apis]
    command += [part for file in ENVIRONMENTS.get(profile.get("", ""), []) for part in ("-f", file)]
    values = json.dumps(functools.reduce(merged, layers))
    command += ["-f", "-"]
    done = subprocess.run(command, cwd=ROOT, input=values, capture_output=True, text=True, check=False)
    return done.returncode == 0, _DIGESTS.sub("", done.stdout) if done.returncode == 0 else done.stderr


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = merged(result[name], value) if both else value
    return result


def in_profile(leaf: Leaf, profile: dict[str, Any]) -> Leaf:
    """Return the leaf with a value that is not the profile's."""
    node: Any = profile
    for name in leaf.path:
        node = node.get(name) if isinstance(node, dict) else None
    return replace(leaf, value=leaf.default) if node == leaf.value else leaf


def outcome(chart: str, profiles: list[dict[str, Any]], leaf: Leaf) -> str:
    """Return nothing when some profile's render changes or the value is refused by its name; else what happened."""
    if chart == "" and leaf.path[0] != "airflow" and not outcome(OWN_OBJECTS, profiles, leaf):
        return ""
    said = ""
    # Those that say something of its part come first: there it matters most likely.
    for profile in sorted(profiles, key=lambda profile: leaf.path[0] not in profile):
        other = in_profile(leaf, profile)
        rendered, text = render(chart, profile, other)
        if rendered and text != base(chart, json.dumps(profile)):
            return ""
        names = (leaf.path[-1], ".".join(leaf.path[:-1]) or leaf.path[0], str(other.value))
        if not rendered and any(name in text for name in names):
            return ""
        said = said or f"{leaf} = {other.value!r}: {'nothing changes' if rendered else text}"
    return said


def unique(leaf: Leaf, number: int) -> tuple[Leaf, str]:
    """Return the leaf with a value that stands nowhere else, and its mark in a render; none where no other fits."""
    text, mark = json.dumps(leaf.value), ""
    if isinstance(leaf.value, int) and not isinstance(leaf.value, bool):
        text = mark = str(31000 + number)
    elif re.fullmatch(r'"77(Mi|m)"', text):
        mark = str(31000 + number)
        text = text.replace("77", mark)
    elif "leaf" in text and "enum" not in leaf.schema:
        mark = f"leaf{number:03}"
        text = text.replace("leaf", mark)
    other = replace(leaf, value=json.loads(text))
    fits = mark and jsonschema.Draft7Validator(leaf.schema).is_valid(other.value)
    return (other, mark) if fits else (leaf, "")


def read_together(chart: str, profile: dict[str, Any], marks: dict[Leaf, str]) -> set[Leaf]:
    """Return which leaves are read when all of them are set at once; fewer at once where that is refused."""
    if not marks:
        return set()
    rendered, text = render(chart, profile, *marks)
    if rendered:
        return {leaf for leaf, mark in marks.items() if re.search(rf"(?<![0-9]){mark}(?![0-9])", text)}
    # A refusal says which one it is about; the others are asked again.
    others = {leaf: mark for leaf, mark in marks.items() if mark not in text and str(leaf) not in text}
    if len(others) < len(marks):
        return read_together(chart, profile, others)
    halves = list(marks.items())
    middle = len(halves) // 2
    if middle == 0:
        return set()
    return read_together(chart, profile, dict(halves[:middle])) | read_together(chart, profile, dict(halves[middle:]))


@functools.cache
def base(chart: str, profile: str) -> str:
    rendered, text = render(chart, json.loads(profile))
    assert rendered, text
    return text


def airflow_values(environment: str) -> dict[str, Any]:
    """Return what we set for the official chart in an environment."""
    files = ["values.yaml", *ENVIRONMENTS[environment]]
    return functools.reduce(merged, [yaml.safe_load((ROOT / file).read_text()).get("airflow", {}) for file in files])


def marked(value: Any, path: str, kept: set[str], marks: dict[str, str]) -> Any:
    """Return the same tree with a mark in place of each text and number, so that one render shows which of them are
    read.
    """
    if path in kept or isinstance(value, bool) or value is None:
        return value
    if isinstance(value, dict):
        return {name: marked(child, f"{path}.{name}".lstrip("."), kept, marks) for name, child in value.items()}
    if isinstance(value, list):
        return [marked(child, f"{path}[{index}]", kept, marks) for index, child in enumerate(value)]
    number = 31000 + len(marks)
    if isinstance(value, int):
        marks[path] = str(number)
        return number
    quantity = re.fullmatch(r"[0-9.]+([KMGT]i|m)?", value) and not path.startswith("config.")
    marks[path] = f"{number}Mi" if quantity else f"leaf{number}"
    # The only text of several lines is a list of sources of environment variables.
    return f"- configMapRef: {{name: {marks[path]}}}\n" if "\n" in value else marks[path]


def flags(value: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield each switch with the other position."""
    if isinstance(value, bool):
        yield Leaf(("airflow", *path), value, not value)
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from flags(child, (*path, name))


# Switches of one part of Airflow that touch nothing but its own objects: account, rights, budget.
_OF_A_PART = re.compile(
    r"airflow\.(?!workers\.kubernetes)(\w+)\..*(serviceAccount|securityContexts|podDisruptionBudget)\."
)


def _lines(text: str, component: str, word: str) -> list[str]:
    """Return the lines with a word in the objects of one component, in order."""
    documents = [
        each for each in text.split("\n---\n") if re.search(rf"^ *component: {component}$", each, re.MULTILINE)
    ]
    return sorted(line for each in documents for line in each.splitlines() if word in line)


def switched_together(profile: dict[str, Any], leaves: list[Leaf]) -> set[str]:
    """Return the switches that change the objects of their part, in the field of their name, or are refused by name.

    Those of different parts, or of different fields, are looked at in one render.
    """
    batches: list[dict[tuple[str, str], Leaf]] = []
    for leaf in leaves:
        if match := _OF_A_PART.match(str(leaf)):
            component = re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", match[1].replace("workers", "worker"))
            word = "kind: PodDisruptionBudget" if "podDisruptionBudget" in leaf.path else leaf.path[-1]
            batch = next((each for each in batches if (component, word) not in each), None)
            batches += [batch := {}] if batch is None else []
            batch[component, word] = in_profile(leaf, profile)
    found: set[str] = set()
    before = base("", json.dumps(profile))
    for batch in batches:
        rendered, text = render("", profile, *batch.values())
        refused = {where for where, leaf in batch.items() if not rendered and str(leaf) in text}
        if refused:
            rendered, text = render("", profile, *(leaf for where, leaf in batch.items() if where not in refused))
        changed = {where for where in batch if rendered and _lines(text, *where) != _lines(before, *where)}
        found |= {str(batch[where]) for where in refused | changed}
    return found
