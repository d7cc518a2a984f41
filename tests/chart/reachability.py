"""Who may open a connection to whom, computed from rendered NetworkPolicies as Kubernetes reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from manifests import Manifests, pod_template


@dataclass(frozen=True)
class Peer:
    """A pod by its namespace and labels."""

    name: str
    namespace: str
    labels: dict[str, str] = field(hash=False)
    namespace_labels: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def place(self) -> dict[str, str]:
        return {"kubernetes.io/metadata.name": self.namespace, **self.namespace_labels}


# An address outside the cluster: no selector matches it.
OUTSIDE = Peer("outside", "", {})


class Policies:
    """The NetworkPolicies of a render, asked about single connections."""

    def __init__(self, manifests: Manifests, namespace: str) -> None:
        self._policies = [
            (document["metadata"].get("namespace", namespace), document["spec"])
            for document in manifests.of("NetworkPolicy")
        ]

    def allow(self, source: Peer, target: Peer, protocol: str, port: int) -> bool:
        """Return whether both ends allow the connection; what is outside the cluster allows everything."""
        leaves = self._end_allows("egress", source, target, protocol, port)
        return leaves and self._end_allows("ingress", target, source, protocol, port)

    def ports(self) -> set[tuple[str, int]]:
        """Return every port that a rule names."""
        rules = (rule for _, spec in self._policies for key in ("ingress", "egress") for rule in spec.get(key) or ())
        return {(port["protocol"], port["port"]) for rule in rules for port in rule.get("ports") or ()}

    def _end_allows(self, direction: str, pod: Peer, other: Peer, protocol: str, port: int) -> bool:
        if pod is OUTSIDE:
            return True
        chosen = [
            spec
            for namespace, spec in self._policies
            if namespace == pod.namespace
            and direction.capitalize() in spec["policyTypes"]
            and _matches(spec["podSelector"], pod.labels)
        ]
        rules = [rule for spec in chosen for rule in spec.get(direction) or ()]
        key = "to" if direction == "egress" else "from"
        return not chosen or any(
            _port_fits(rule.get("ports"), protocol, port) and _peer_fits(rule.get(key), other, pod.namespace)
            for rule in rules
        )


def components(manifests: Manifests, namespace: str) -> Iterator[Peer]:
    """Yield every pod that the chart makes, named by what it is."""
    for document in manifests:
        if (template := pod_template(document)) is None:
            continue
        labels = template["metadata"].get("labels") or {}
        where = document["metadata"].get("namespace", namespace)
        yield Peer(_component(labels), where, labels)


def _component(labels: dict[str, str]) -> str:
    if labels.get("tier") == "airflow":
        return labels["component"]
    name, component = labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"]
    own = {"server": name, "exporter": name, "database": name, "setup": component, "test": "tests", "doctor": component}
    return own.get(component, f"{name}-{component}")


def _matches(selector: dict, labels: dict[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}, f"not understood: {selector}"
    return all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())


def _port_fits(ports: list[dict] | None, protocol: str, port: int) -> bool:
    return not ports or any((p["protocol"], p["port"]) == (protocol, port) for p in ports)


def _peer_fits(peers: list[dict] | None, other: Peer, here: str) -> bool:
    if not peers:
        return True
    if other is OUTSIDE:
        return any("ipBlock" in peer for peer in peers)
    for peer in peers:
        place, pod = peer.get("namespaceSelector"), peer.get("podSelector")
        same_place = other.namespace == here if place is None else _matches(place, other.place)
        if (place is not None or pod is not None) and same_place and _matches(pod or {}, other.labels):
            return True
    return False
