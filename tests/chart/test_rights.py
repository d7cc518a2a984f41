"""Who may call the Kubernetes API, and that somebody does."""

import re
from pathlib import Path

import yaml
from composition import ROOT

VERBS = {"read": "get", "create": "create", "list": "list", "patch": "patch", "delete": "delete", "replace": "update"}
CALL = re.compile(r"client\.([a-z]+)_namespaced_(pod_log|pod|event)\b")


def calls_of_the_pod_operator() -> set[tuple[str, str]]:
    """Return (resource, verb) of each call of the Kubernetes API in the operator and what starts and watches its
    pod.
    """
    import airflow.providers.cncf.kubernetes as provider

    folder = Path(provider.__path__[0])
    text = "".join((folder / file).read_text() for file in ("operators/pod.py", "utils/pod_manager.py"))
    names = {"pod": "pods", "pod_log": "pods/log", "event": "events"}
    return {(names[resource], VERBS[verb]) for verb, resource in CALL.findall(text)}


def test_airflow_may_call_what_the_pod_operator_calls_and_nothing_else(prod):
    (role,) = (r for r in prod.of("Role") if r["metadata"]["name"].endswith("-training-launcher"))
    granted = {(resource, verb) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]}
    assert granted == calls_of_the_pod_operator()


def test_every_right_is_bound_to_accounts_that_pods_use(prod):
    used = {pod["spec"].get("serviceAccountName") for pod in prod.pods.values()}
    for binding in prod.of("RoleBinding"):
        role = binding["roleRef"]["name"]
        assert role in {r["metadata"]["name"] for r in prod.of("Role", "ClusterRole")}
        assert binding["subjects"]
        if "namespace" in binding["metadata"]:
            assert {subject["name"] for subject in binding["subjects"]} <= used


MAY = {
    "pods": {"create", "get", "list", "watch", "patch", "delete"},
    "pods/log": {"get", "list"},
    "events": {"list"},
    "rayjobs": {"create", "get", "delete"},
}


def test_nobody_may_run_commands_in_pods_or_read_secrets(manifests):
    """The official chart's own right to start pods allows the first."""
    bound = {(b["roleRef"]["kind"], b["roleRef"]["name"]) for b in manifests.of("RoleBinding", "ClusterRoleBinding")}
    for role in manifests.of("Role", "ClusterRole"):
        for rule in role["rules"] if (role["kind"], role["metadata"]["name"]) in bound else []:
            for resource in rule["resources"]:
                assert set(rule["verbs"]) <= MAY.get(resource, set()), (role["metadata"]["name"], resource)


def test_an_account_of_ours_has_no_token_by_itself(manifests):
    """Whoever needs one says so in the pod: a token that nobody uses is one that can be stolen."""
    for account in manifests.of("ServiceAccount"):
        if "app.kubernetes.io/part-of" in account["metadata"]["labels"]:
            assert account["automountServiceAccountToken"] is False, account["metadata"]["name"]


def test_by_default_no_part_of_airflow_has_a_token():
    """An environment gives one to what starts or watches pods."""

    def given(node: object, path: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        own = [path] if node.get("automountServiceAccountToken") else []
        return own + [found for key, value in node.items() for found in given(value, f"{path}.{key}")]

    airflow = yaml.safe_load((ROOT / "values.yaml").read_text())["airflow"]
    assert given(airflow, "airflow") == []
