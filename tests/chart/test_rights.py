"""Who may call the Kubernetes API, and that somebody does."""

import re
from pathlib import Path

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
