"""Rendered Kubernetes objects and the questions the tests ask about them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import yaml

WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"}


class StrictLoader(yaml.CSafeLoader):
    """Refuses a key that is given twice in one mapping; YAML parsers keep the last one silently."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate keys {sorted(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Container:
    owner: str
    pod: dict
    spec: dict
    init: bool

    @property
    def name(self) -> str:
        return f"{self.owner}/{self.spec['name']}"


def identity(document: dict) -> str:
    return f"{document['kind']}/{document['metadata'].get('namespace', '')}/{document['metadata']['name']}".replace(
        "//", "/"
    )


def pod_template(document: dict) -> dict | None:
    """Return the pod (with metadata and spec) a workload makes; None for what makes none."""
    match document["kind"]:
        case "Pod":
            return document
        case "CronJob":
            return document["spec"]["jobTemplate"]["spec"]["template"]
        case kind if kind in WORKLOADS:
            return document["spec"]["template"]
    return None


class Manifests(list):
    """All objects of one render."""

    def of(self, *kinds: str) -> list[dict]:
        return [document for document in self if document["kind"] in kinds]

    def named(self, kind: str, name: str) -> dict:
        """Return the one object of this name in the release's own namespace."""
        found = [d for d in self.of(kind) if d["metadata"]["name"] == name and "namespace" not in d["metadata"]]
        assert len(found) == 1, (
            f"{len(found)} objects are {kind} {name}; there are {sorted(d['metadata']['name'] for d in self.of(kind))}"
        )
        return found[0]

    @cached_property
    def pods(self) -> dict[str, dict]:
        return {identity(document): template for document in self if (template := pod_template(document))}

    @cached_property
    def containers(self) -> list[Container]:
        return list(self._containers())

    def _containers(self) -> Iterator[Container]:
        for owner, pod in self.pods.items():
            for key in ("initContainers", "containers"):
                for spec in pod["spec"].get(key) or []:
                    yield Container(owner, pod["spec"], spec, key == "initContainers")


def load(text: str) -> Manifests:
    return Manifests(document for document in yaml.load_all(text, StrictLoader) if document)


def selected(selector: dict, manifests: Manifests) -> list[dict]:
    return [pod for pod in manifests.pods.values() if selector.items() <= (pod["metadata"].get("labels") or {}).items()]
