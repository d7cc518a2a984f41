"""Values that cannot work are refused, with one message that says what, where and how to fix it."""

import re
import subprocess
import sys

import pytest
from composition import ENVIRONMENTS, KUBERNETES_VERSIONS, ROOT, helm_template, refusal, rendered
from manifests import load


def test_without_an_environment_all_missing_secrets_are_named_at_once(composition):
    message = helm_template().stderr
    for path in (
        "global.environmentSecretName",
        "airflow.fernetKeySecretName",
        "postgres.auth.existingSecret",
        "mlflow.database.existingSecret",
    ):
        assert f"- {path}: a Secret with" in message
    assert "values/minikube.yaml" in message


def test_production_without_names_lists_every_secret_it_needs(composition):
    message = helm_template("-f", "values/prod.yaml").stderr
    missing = re.findall(r"- (\S+): a Secret with", message)
    assert len(set(missing)) == len(missing) >= 18
    assert {"global.environmentSecretName", "setup.users[0].passwordSecret.name"} < set(missing)


def test_one_name_less_is_one_line(composition):
    message = refusal("prod", "--set", "airflow.flower.secretName=")
    assert message.count(": a Secret with") == 1
    assert "airflow.flower.secretName: a Secret with the key basicAuth" in message


@pytest.mark.parametrize(
    "typo",
    [
        "airflw.executor=x",
        "setup.pool.x=1",
        "postgres.presistence.size=1Gi",
        "airflow.scheduler.replica=2",
    ],
)
def test_a_typo_is_refused(composition, typo):
    assert "not allowed" in refusal("minikube", "--set", typo)


@pytest.mark.parametrize(
    ("environment", "values", "words"),
    [
        (
            "minikube",
            ["airflow.workers.celery.hpa.enabled=true"],
            "scales Celery workers, and airflow.executor is LocalExecutor",
        ),
        ("minikube", ["airflow.flower.enabled=true"], "airflow.flower watches Celery workers"),
        ("minikube", ["externalDatabase.host=db.example.com"], "two databases"),
        ("minikube", ["postgres.enabled=false"], "no database"),
        ("minikube", ["airflow.postgresql.enabled=true"], "airflow.postgresql.enabled is empty or true"),
        ("minikube", ["global.caBundle.configMapName=a", "global.caBundle.secretName=b"], "two bundles of authorities"),
        ("minikube", ["mlflow.enabled=false"], "MLFLOW_TRACKING_URI still names its Service"),
        ("minikube", ["store.enabled=false"], "which is lost with the pod"),
        ("minikube", ["global.environment.MAESTRO_EXECUTION=kubernetes"], "no account may start pods"),
        ("minikube", ["ingress.enabled=true"], "ingress.host is empty"),
        ("minikube", ["externalSecrets.enabled=true"], "would both write Secrets"),
        (
            "minikube",
            ["training.enabled=true", "training.createNamespace=true"],
            "would create the release's own namespace",
        ),
        ("prod", ["global.environment.MAESTRO_STORE=/data"], "Celery workers share no disk: name a bucket"),
        ("prod", ["global.environment.FEAST_ONLINE_STORE_TYPE=sqlite"], "use redis"),
        ("prod", ["store.enabled=true"], "creates a volume that one pod can mount"),
        ("prod", ["airflow.workers.celery.enableDefault=true"], "selectors overlap"),
        (
            "prod",
            ["externalSecrets.enabled=true", "externalSecrets.secrets.maestro-airflow=x"],
            "externalSecrets.storeRef.name",
        ),
    ],
)
def test_a_combination_that_cannot_work_is_refused(composition, environment, values, words):
    assert words in refusal(environment, *(part for value in values for part in ("--set", value)))


def test_two_mistakes_are_one_message(composition):
    message = refusal("minikube", "--set", "airflow.flower.enabled=true", "--set", "externalDatabase.host=x")
    assert "airflow.flower watches" in message
    assert "two databases" in message


def test_a_password_in_a_connection_is_refused(composition):
    assert "password" in refusal(
        "minikube", "--set", "setup.connections.x.conn_type=http", "--set", "setup.connections.x.password=secret"
    )


def test_an_external_database_replaces_ours(composition):
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    values = ["--set", "postgres.enabled=false", "--set", "externalDatabase.host=db.example.com"]
    values += ["--set", "mlflow.database.url=postgresql+psycopg://mlflow@db.example.com/mlflow"]
    values += ["--set", "featurestore.server.registry.url=postgresql+psycopg://feast@db.example.com/feast"]
    result = helm_template(*files, *values)
    assert result.returncode == 0, result.stderr
    assert "host=db.example.com port=5432 dbname=airflow" in result.stdout
    assert not [
        d for d in load(result.stdout).of("StatefulSet", "Service") if d["metadata"]["name"] == "maestro-postgres"
    ]


def test_two_renders_are_identical(environment):
    files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
    assert helm_template("--kube-version", KUBERNETES_VERSIONS[-1], *files).stdout == rendered(environment)


def test_schemas_and_reference_are_what_the_comments_say():
    result = subprocess.run(
        [sys.executable, "ci/values_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_the_reference_has_every_value_under_the_task_it_is_for():
    tables = re.split(r"^## ", (ROOT / "docs/chart/values.md").read_text(), flags=re.MULTILINE)[1:]
    keys = {table.splitlines()[0]: re.findall(r"^\| `(\S+)`", table, re.MULTILINE) for table in tables}
    assert all(keys.values())
    assert "postgres.maxConnections" in keys["Database"]
    assert "mlflow.artifacts.s3.uri" in keys["Storage"]
    assert "mlflow.auth.enabled" in keys["Logins and Secrets"]
    assert "networkPolicies.webFrom" in keys["Network"]
    assert "keda.maxReplicaCount" in keys["Scaling"]
    assert "postgres.backup.s3.uri" in keys["Backup and restore"]
    assert sum(map(len, keys.values())) == len(set().union(*keys.values())) > 300
