"""Every object of ours says whose it is, in the labels that Kubernetes recommends."""

import yaml
from composition import RELEASE, ROOT
from manifests import identity, pod_template

CHARTS = {
    chart["name"]: chart
    for file in [ROOT / "Chart.yaml", *ROOT.glob("charts/*/Chart.yaml")]
    for chart in [yaml.safe_load(file.read_text())]
}
OWNER = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component")


def ours(manifests) -> list[dict]:
    """Objects of our charts: neither of the official one, nor of whoever installs them."""
    return [
        document
        for document in manifests
        if not str((document["metadata"].get("labels") or {}).get("chart", "")).startswith("airflow-")
        and identity(document) != "ConfigMap/authorities"
    ]


def test_an_object_names_its_chart_its_release_and_its_component(manifests):
    found = ours(manifests)
    assert len(found) > 40
    for document in found:
        labels = document["metadata"]["labels"]
        chart = CHARTS.get(labels.get("app.kubernetes.io/name"))
        assert chart, identity(document)
        expected = {
            "helm.sh/chart": f"{chart['name']}-{chart['version']}",
            "app.kubernetes.io/instance": RELEASE,
            "app.kubernetes.io/version": chart["appVersion"],
            "app.kubernetes.io/part-of": "maestro",
            "app.kubernetes.io/managed-by": "Helm",
        }
        assert expected.items() <= labels.items(), identity(document)
        assert labels.get("app.kubernetes.io/component"), identity(document)


def test_a_pod_is_known_by_the_labels_of_its_owner(manifests):
    for document in ours(manifests):
        if template := pod_template(document):
            labels = document["metadata"]["labels"], template["metadata"]["labels"]
            assert [each[name] for each in labels[:1] for name in OWNER] == [labels[1].get(name) for name in OWNER]


def test_a_service_and_an_account_are_of_the_pods_they_are_for(manifests):
    pods = [pod for document in ours(manifests) if (pod := pod_template(document))]
    kinds = {tuple(pod["metadata"]["labels"][name] for name in OWNER) for pod in pods}
    for document in ours(manifests):
        if document["kind"] in ("Service", "ServiceAccount"):
            labels = document["metadata"]["labels"]
            # The pods of these two are the official chart's, and those that Airflow starts.
            if labels["app.kubernetes.io/component"] not in ("scheduler", "training"):
                assert tuple(labels[name] for name in OWNER) in kinds, identity(document)


def test_containers_keep_the_names_by_which_logs_and_the_kubelets_metrics_are_found(prod):
    found = {owner.rpartition("/")[2]: pod["spec"]["containers"][0]["name"] for owner, pod in prod.pods.items()}
    expected = {
        "maestro-featurestore": "feature-server",
        "maestro-featurestore-redis": "redis",
        "maestro-mlflow": "mlflow",
        "maestro-postgres": "postgres",
        "maestro-postgres-backup": "record",
        "maestro-statsd": "statsd-exporter",
    }
    assert expected.items() <= found.items()
