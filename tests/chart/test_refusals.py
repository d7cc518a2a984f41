"""What the official chart accepts and this one cannot run is refused in one sentence that names the value to set."""

import json
import subprocess
import sys

import pytest
from composition import ENVIRONMENTS, ROOT, archive_missing, helm_template, refusal
from manifests import load

sys.path.insert(0, str(ROOT / "ci"))
import airflow_values

BUNDLE = "global.dagBundles[0].name={},global.dagBundles[0].classpath=acme.Bundle"
VARIABLE = "mlflow.extraEnv[0]"
TRAINING_NAMESPACE = "global.environment.MAESTRO_TRAINING_NAMESPACE"
SECOND = "setup.users[1]"
SECOND_SECRET = f"{SECOND}.passwordSecret.name=a,{SECOND}.passwordSecret.key=b"
# Left empty, a number of pods is 1.
NO_REPLICAS = ",".join(
    f"airflow.{part}.replicas=null" for part in ("scheduler", "apiServer", "dagProcessor", "triggerer")
)
UNPOOLED = "airflow.pgbouncer.enabled=false,postgres.maxConnections=100"


def sentence(environment: str, *values: str) -> str:
    return refusal(environment, *(part for value in values for part in ("--set", value)))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("airflow.sheduler.replicas=1", "'sheduler' not allowed"),
        ("nameOverride=other", "'nameOverride' not allowed"),
        ("fullnameOverride=other", "'fullnameOverride' not allowed"),
        ("featurestore.fullnameOverride=other", "'fullnameOverride' not allowed"),
        ("postgres.maxConnections=many", "/maxConnections': got string, want integer"),
        ("airflow.workers.celery.replcas=1", "'replcas' not allowed"),
        ("airflow.workers.celery.sets[0].name=a,airflow.workers.celery.sets[0].quue=b", "'quue' not allowed"),
        ("airflow.scheduler.replicas=-1", "/airflow/scheduler/replicas': minimum"),
        ("mlflow.replicas=-1", "/replicas': minimum"),
        ("statsd.service.ingestPort=6543210", "/service/ingestPort': maximum"),
        ("ingress.api.servicePort=0", "/api/servicePort': minimum"),
        ("postgres.persistence.size=ten", "/persistence/size': 'ten' does not match pattern"),
        ("airflow.redis.persistence.size=ten", "/airflow/redis/persistence/size': 'ten' does not match pattern"),
        ("airflow.triggerer.resources.limits.memory=much", "/memory': 'much' does not match pattern"),
        ("mlflow.resources.requests.cpu=some", "/cpu': 'some' does not match pattern"),
        ("mlflow.image.pullPolicy=Sometimes", "/image/pullPolicy'"),
        ("postgres.podAnnotations.note=1", "/podAnnotations/note': got number, want null or string"),
        ("postgres.persistence.storageClassName=Fast", "/persistence/storageClassName': 'Fast' does not match pattern"),
        ("global.storageClass=--", "/global/storageClass': '--' does not match pattern"),
        (f"{VARIABLE}.name=A,{VARIABLE}.value=8080", "/extraEnv/0/value': got number, want null or string"),
        (f"{VARIABLE}.name=A,{VARIABLE}.valeu=b", "/extraEnv/0': additional properties 'valeu' not allowed"),
        ("postgres.tolerations[0].value=true", "/tolerations/0/value': got boolean, want null or string"),
        ("statsd.tolerations[0].effect=NoShedule", "/tolerations/0/effect': value must be one of"),
        ("tests.extraVolumeMounts[0].name=a,tests.extraVolumeMounts[0].path=/a", "additional properties 'path' not"),
        ("setup.extraVolumes[0].name=a", "/extraVolumes/0': minProperties: got 1, want 2"),
        ("featurestore.redis.extraEnvFrom[0].configMap=a", "/extraEnvFrom/0': additional properties 'configMap' not"),
        ("global.imagePullSecrets[0].secret=a", "/imagePullSecrets/0': missing property 'name'"),
        ("mlflow.serviceAccount.name=My_Account", "/serviceAccount/name': 'My_Account' does not match pattern"),
        ("postgres.auth.existingSecret=Secret", "/auth/existingSecret': 'Secret' does not match pattern"),
        ("global.tls.caSecret=a_b", "/global/tls/caSecret': 'a_b' does not match pattern"),
        ("store.name=Store", "/store/name': 'Store' does not match pattern"),
        ("externalSecrets.secrets.A_b=c", "/externalSecrets/secrets': additional properties 'A_b' not allowed"),
        ("priorities.Fast.value=1", "/priorities': additional properties 'Fast' not allowed"),
        ("statsd.mapping.taskWindow=hour", "/mapping/taskWindow': 'hour' does not match pattern"),
    ],
)
def test_a_value_that_is_none_is_refused_by_its_name(composition, value, words):
    assert words in sentence("prod", value)


@pytest.mark.parametrize(
    ("path", "schedule"),
    [
        ("postgres.backup.schedule", "daily"),
        ("postgres.backup.schedule", "5 3 * *"),
        ("airflow.databaseCleanup.schedule", "30 24 * * 0"),
        ("airflow.databaseCleanup.schedule", "30 3 * * 7"),
        ("airflow.cleanup.schedule", "60 * * * *"),
        ("airflow.cleanup.schedule", "*/0 * * * *"),
    ],
)
def test_a_schedule_that_a_cronjob_would_not_take_is_refused(composition, path, schedule):
    assert f"{path} is {schedule}: give five fields" in sentence("prod", f"{path}={schedule}")


@pytest.mark.parametrize("schedule", ["@daily", "*/15 0-6 1\\,15 jan-MAR Mon-fri", "0 0 ? * 0/2"])
def test_a_schedule_that_a_cronjob_takes_is_accepted(composition, schedule):
    assert "schedule" not in sentence("prod", f"postgres.backup.schedule={schedule}", "airflow.uid=1")


@pytest.mark.parametrize(
    ("environment", "value", "words"),
    [
        ("prod", "airflow.ingress.enabled=true", "airflow.ingress cannot be changed: it makes an Ingress without TLS"),
        ("prod", "airflow.ports.pgbouncer=6544", "airflow.ports cannot be changed"),
        ("prod", "airflow.nameOverride=x", "airflow.nameOverride cannot be changed"),
        ("prod", "airflow.useStandardNaming=false", "airflow.useStandardNaming cannot be changed"),
        ("prod", "airflow.pgbouncer.sslmode=require", "set pgbouncer.settings.server_tls_sslmode"),
        ("prod", "airflow.pgbouncer.maxClientConn=9", "set pgbouncer.settings.max_client_conn"),
        ("prod", "airflow.workers.replicas=3", "set it under airflow.workers.celery"),
        ("prod", "airflow.workers.hpa.enabled=true", "set it under airflow.workers.celery"),
        ("prod", "airflow.workers.celery.keda.enabled=true", "set keda.enabled of this chart"),
        ("prod", "airflow.dags.gitSync.enabled=true", "GitDagBundle in global.dagBundles"),
        ("prod", "airflow.scheduler.enabled=false", "Airflow 3 needs all four"),
        ("prod", "airflow.fernetKey=abc", "in the Secret that airflow.fernetKeySecretName names"),
        ("prod", "airflow.data.metadataConnection.host=db", "in the Secret that airflow.data.metadataSecretName names"),
        ("prod", "global.environment.MAESTRO_TRAINING_QUEUE=gpu", "no Celery worker serves the queue gpu"),
        ("prod", "airflow.config.operators.default_queue=other", "no Celery worker serves the queue other"),
        ("prod", "airflow.workers.celery.sets[1].name=general", "two sets named general"),
        ("prod", "airflow.config.api.port=9090", "airflow.config.api.port is 9090"),
        ("prod", "pgbouncer.settings.default_pool_size=60", "PostgreSQL may get up to 224 connections"),
        ("prod", "pgbouncer.settings.reserve_pool_size=5,postgres.maxConnections=100", "PgBouncer 50"),
        ("prod", UNPOOLED, "Airflow 90"),
        ("prod", "pgbouncer.settings.max_db_connections=5,postgres.maxConnections=50", "PgBouncer 10"),
        ("prod", f"{UNPOOLED},airflow.dagProcessor.replicas=2,airflow.triggerer.replicas=3", "Airflow 135"),
        (
            "prod",
            f"{UNPOOLED},airflow.config.api.workers=3,airflow.config.database.sql_alchemy_pool_size=1",
            "Airflow 110",
        ),
        ("prod", "airflow.pgbouncer.replicas=null,postgres.maxConnections=50", "PgBouncer 20"),
        ("prod", f"airflow.pgbouncer.enabled=false,postgres.maxConnections=50,{NO_REPLICAS}", "Airflow 60"),
        ("prod", "mlflow.workers=2,postgres.maxConnections=100", "MLflow 30"),
        ("prod", "featurestore.server.replicas=3,postgres.maxConnections=100", "the feature server 45"),
        ("prod", "airflow.config.core.parallelism=64", "tasks 128"),
        ("prod", "postgres.parameters.max_connections=100", "but accepts 100: raise postgres.maxConnections"),
        ("minikube", "postgres.maxConnections=80", "PostgreSQL may get up to 82 connections"),
        ("prod", "ingress.path=/airflow", "set both to the same path"),
        ("prod", "airflow.config.api.base_url=https://maestro.example.com/airflow", "set both to the same path"),
        ("minikube", "airflow.executor=SequentialExecutor", "which this chart does not run"),
        ("minikube", "airflow.executor=CeleryKubernetesExecutor", "which this chart does not run"),
        ("minikube", "airflow.airflowVersion=2.11.0", "the pipelines need Airflow 3.3"),
        ("minikube", "airflow.config.metrics.statsd_port=9126", "set both to the same port"),
        ("minikube", BUNDLE.format("maestro"), "global.dagBundles: two bundles are named maestro"),
        ("minikube", "statsd.mapping.prefix=flow", "set both to the same text"),
        ("prod", "airflow.workers.celery.sets[1].name=Heavy", "names a set Heavy, and its workers' Deployment"),
        ("prod", f"{TRAINING_NAMESPACE}=ML_training", "which is not a valid name of a namespace"),
        ("minikube", f"{SECOND}.username=admin,{SECOND}.role=Op,{SECOND_SECRET}", "two users named admin"),
        ("minikube", "postgres.databases={airflow,feast}", "postgres.databases lacks mlflow, the database of MLflow"),
        ("minikube", "postgres.databases={airflow,mlflow}", "lacks feast, the database of Feast's registry"),
        ("minikube", "airflow.labels.tier=backend", "airflow.labels sets tier, by which Services and policies find"),
        (
            "prod",
            "airflow.workers.celery.labels.component=ml",
            "airflow.workers.celery.labels sets component, by which",
        ),
        ("prod", "airflow.redis.labels.release=stable", "airflow.redis.labels sets release, by which"),
    ],
)
def test_what_would_be_ignored_or_break_is_refused_with_the_value_to_set(composition, environment, value, words):
    message = sentence(environment, value)
    assert words in message
    assert message.count("  - ") == 1, "one mistake is one line"


MLFLOW_INGRESS = (
    "ingress.mlflow.enabled=true",
    "ingress.mlflow.host=mlflow.example.com",
    "mlflow.allowedHosts[0]=mlflow.example.com",
    "mlflow.auth.enabled=true",
    "mlflow.auth.existingSecret=login",
    "networkPolicies.mlflowFrom[0].podSelector.matchLabels.app=controller",
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("mlflow.auth.enabled=false", "would let everybody change models: set mlflow.auth.enabled"),
        ("mlflow.allowedHosts=null", "add the host of ingress.mlflow.host to mlflow.allowedHosts"),
        ("networkPolicies.mlflowFrom=null", "name its pods in networkPolicies.mlflowFrom"),
    ],
)
def test_a_way_in_to_mlflow_needs_a_login_its_host_and_a_policy(composition, value, words):
    assert words in sentence("prod", *(v for v in MLFLOW_INGRESS if v.split("[")[0] != value.split("=")[0]), value)


def test_the_ui_under_a_path_and_mlflow_under_a_host_of_its_own_are_reached_by_tls(composition):
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    url = "airflow.config.api.base_url=https://maestro.example.com/airflow"
    values = ("ingress.path=/airflow", url, *MLFLOW_INGRESS)
    result = helm_template(*files, *(part for value in values for part in ("--set", value)))
    assert result.returncode == 0, result.stderr
    ways = {}
    for ingress in load(result.stdout).of("Ingress"):
        (rule,) = ingress["spec"]["rules"]
        (path,) = rule["http"]["paths"]
        assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
        ways[rule["host"], path["path"]] = (
            path["backend"]["service"]["name"],
            path["backend"]["service"]["port"]["number"],
        )
    assert ways == {
        ("maestro.example.com", "/airflow"): ("maestro-airflow-api-server", 8080),
        ("mlflow.example.com", "/"): ("maestro-mlflow", 5000),
    }


def test_an_external_database_is_not_counted(composition):
    message = sentence(
        "prod",
        "postgres.enabled=false",
        "externalDatabase.host=db.example.com",
        "pgbouncer.settings.default_pool_size=500",
        "airflow.uid=1",
    )
    assert "PostgreSQL may get up to" not in message


def test_without_any_set_of_workers_every_queue_is_named(composition):
    message = sentence("prod", "airflow.workers.celery.sets=null")
    assert "no Celery worker serves the queue default of airflow.config.operators.default_queue" in message
    assert "no Celery worker serves the queue heavy of global.environment.MAESTRO_TRAINING_QUEUE" in message


def test_the_queue_of_training_is_the_default_one_where_none_is_named(composition):
    message = sentence("prod", "airflow.workers.celery.sets=null", "global.environment.MAESTRO_TRAINING_QUEUE=")
    assert "serves the queue default of global.environment.MAESTRO_TRAINING_QUEUE" in message


def test_a_queue_that_the_default_workers_serve_is_accepted(composition):
    message = sentence(
        "prod",
        "airflow.workers.celery.sets[0].name=all,airflow.workers.celery.sets[0].queue=default\\,gpu",
        "global.environment.MAESTRO_TRAINING_QUEUE=gpu",
        "airflow.uid=1",
    )
    assert "no Celery worker" not in message


def test_every_value_of_the_list_is_one_the_official_chart_has_and_is_refused(composition):
    """Each is set to another value; all reasons stand in the one message."""
    unread = json.loads(airflow_values.UNREAD.read_text())
    assert len(unread) > 100
    other = {}
    for entry in unread:
        node = other
        *parents, last = entry["path"].split(".")
        for name in parents:
            node = node.setdefault(name, {})
        node[last] = another(entry["value"])
    result = subprocess.run(
        [
            ROOT / ".tools/helm",
            "template",
            "maestro",
            ".",
            "--skip-schema-validation",
            "-f",
            "values/minikube.yaml",
            "-f",
            "-",
        ],
        cwd=ROOT,
        input=json.dumps({"airflow": other}),
        capture_output=True,
        text=True,
        check=False,
    )
    refused = {line.split()[1] for line in result.stderr.splitlines() if " cannot be changed: " in line}
    assert refused == {f"airflow.{entry['path']}" for entry in unread}


FIXED = {
    "api.port": "8080",
    "logging.worker_log_server_port": "8793",
    "logging.trigger_log_server_port": "8794",
    "scheduler.scheduler_health_check_server_port": "8974",
    "scheduler.enable_health_check": "True",
}


def test_ports_that_services_and_probes_have_too_cannot_be_changed(composition):
    said = sentence("prod", *(f"airflow.config.{key}=7" for key in FIXED))
    for key, value in FIXED.items():
        assert f"airflow.config.{key} is 7, but the probes, Services and policies require {value}" in said


def another(value: object) -> object:
    match value:
        case bool():
            return not value
        case dict():
            return {"another": 1}
        case list():
            return [*value, "another"]
    return "another"


@pytest.mark.skipif(bool(archive_missing()), reason=archive_missing())
def test_the_files_made_from_the_official_archive_are_those_of_the_pinned_one():
    assert {path.name for path, text in airflow_values.wanted().items() if path.read_text() != text} == set()
