"""Labels and what selects by them agree."""

import json

from composition import RELEASE
from manifests import pod_template, selected


def selectors(document: dict) -> list[dict]:
    """Return the label selectors a pod says of its own kind: topology spread and affinity to others of it."""
    spec = pod_template(document)["spec"]
    found = [c["labelSelector"] for c in spec.get("topologySpreadConstraints") or []]
    anti = (spec.get("affinity") or {}).get("podAntiAffinity") or {}
    found += [
        t["podAffinityTerm"]["labelSelector"] for t in anti.get("preferredDuringSchedulingIgnoredDuringExecution") or []
    ]
    found += [t["labelSelector"] for t in anti.get("requiredDuringSchedulingIgnoredDuringExecution") or []]
    return found


def matches(selector: dict, labels: dict) -> bool:
    held = (selector.get("matchLabels") or {}).items() <= labels.items()
    for rule in selector.get("matchExpressions") or []:
        value = labels.get(rule["key"])
        held &= {"In": value in rule.get("values", []), "Exists": value is not None}[rule["operator"]]
    return held


def test_pods_are_spread_from_others_of_their_own_kind(manifests):
    lost = [
        (document["metadata"]["name"], selector)
        for document in manifests
        if pod_template(document)
        for selector in selectors(document)
        if not matches(selector, pod_template(document)["metadata"]["labels"])
    ]
    assert lost == []


def test_the_selectors_of_an_autoscaled_or_doubled_part_spread_it(prod):
    doubled = [d for d in prod.of("Deployment") if d["spec"].get("replicas", 2) > 1]
    assert len(doubled) >= 4
    assert [d["metadata"]["name"] for d in doubled if not selectors(d)] == []


def test_what_runs_twice_keeps_one_while_a_node_is_drained(prod):
    budgets = [b["spec"] for b in prod.of("PodDisruptionBudget")]
    for deployment in prod.of("Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        mine = [b for b in budgets if matches(b["selector"], labels)]
        if deployment["spec"].get("replicas", 2) > 1:  # none stated: an autoscaler's
            assert len(mine) == 1, f"{deployment['metadata']['name']} has {len(mine)} budgets"
            assert mine[0].get("maxUnavailable") == 1 or mine[0].get("minAvailable") == 1


def test_every_part_of_airflow_but_flower_may_run_twice_under_a_budget(prod):
    """Who raises the replicas has it already."""
    budgets = [b["spec"]["selector"] for b in prod.of("PodDisruptionBudget")]
    without = {
        d["metadata"]["name"]
        for d in prod.of("Deployment")
        if "-airflow-" in d["metadata"]["name"]
        and not any(matches(selector, d["spec"]["template"]["metadata"]["labels"]) for selector in budgets)
    }
    assert without == {f"{RELEASE}-airflow-flower"}


def test_every_monitor_selects_a_service_with_its_port(prod):
    for monitor in prod.of("ServiceMonitor"):
        found = [
            port["name"]
            for s in prod.of("Service")
            if matches(monitor["spec"]["selector"], s["metadata"]["labels"])
            for port in s["spec"]["ports"]
        ]
        assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= set(found)


def test_selectors_do_not_reach_a_second_release(manifests):
    """Whatever selects pods of this release names it; two releases may share a namespace."""
    loose = [
        document["metadata"]["name"]
        for document in manifests.of("Service", "Deployment", "StatefulSet")
        if RELEASE not in json.dumps(document["spec"]["selector"])
    ]
    assert loose == []
    for document in manifests.of("Service"):
        assert selected(document["spec"]["selector"], manifests), document["metadata"]["name"]
