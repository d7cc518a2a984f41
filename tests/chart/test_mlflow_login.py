"""MLflow as values/prod.yaml starts it, on PostgreSQL: nobody comes in without a password, and tasks delete nothing."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy
from composition import RELEASE, loaded
from postgres_server import running_postgres
from small_training import FOREST, YAML, folder, record_of, run, trips

from maestro_ml.project import load_project
from maestro_ml.steps.build_features import TRAINING_SET, BuildFeaturesResult
from maestro_ml.training.examples import TrainingSet
from maestro_ml.training.tracking.client import TrackingError, mlflow_client

SECRETS = {
    "mlflow-admin-username": "admin", "mlflow-admin-password": "-admin's password",
    "mlflow-session-key": "0" * 32, "mlflow-password": "unused",
    "MLFLOW_TRACKING_USERNAME": "maestro", "MLFLOW_TRACKING_PASSWORD": "-tasks' \"pass%word\"",
}  # fmt: skip
CLIENT = SECRETS["MLFLOW_TRACKING_USERNAME"], SECRETS["MLFLOW_TRACKING_PASSWORD"]
ADMIN = SECRETS["mlflow-admin-username"], SECRETS["mlflow-admin-password"]


class Server:
    """The rendered pod with the database, the folders and the port of a test."""

    def __init__(self, root: Path, database: str, port: int) -> None:
        pod = loaded("prod").named("Deployment", f"{RELEASE}-mlflow")["spec"]["template"]["spec"]
        self.root, self.url, self._pod = root, f"http://127.0.0.1:{port}", pod
        self._ours = {
            f"postgresql+psycopg://mlflow@{RELEASE}-postgres:5432/mlflow": database,
            "s3://maestro/mlflow": str(root / "artifacts"), "--host=0.0.0.0": "--host=127.0.0.1",
            "--port=5000": f"--port={port}", "/etc/mlflow": str(root), "--workers=1": "--workers=1",
        }  # fmt: skip
        for name, text in loaded("prod").named("ConfigMap", f"{RELEASE}-mlflow")["data"].items():
            (root / name).write_text(self._here(text))

    def _here(self, text: str) -> str:
        for pod, mine in self._ours.items():
            text = text.replace(pod, mine)
        return text

    def command(self, container: dict, secrets: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        for variable in container["env"]:
            reference = variable.get("valueFrom", {}).get("secretKeyRef", {})
            if not reference.get("optional"):
                environment[variable["name"]] = (
                    secrets.get(reference["key"], "unused") if reference else self._here(variable["value"])
                )
        # The database here has no certificate; test_tls.py is about those.
        environment = {name: value for name, value in environment.items() if not name.startswith("PGSSL")}
        environment["HOME"] = str(self.root)
        return [*map(self._here, [*container["command"], *container.get("args", [])])], environment

    def make_accounts(self, **changed: str) -> subprocess.CompletedProcess:
        [container] = self._pod["initContainers"]
        command, environment = self.command(container, SECRETS | changed)
        return subprocess.run(command, env=environment, cwd=self.root, capture_output=True, text=True, check=False)

    def start(self) -> subprocess.Popen:
        [container] = self._pod["containers"]
        command, environment = self.command(container, SECRETS)
        process = subprocess.Popen(command, env=environment, cwd=self.root)
        path = container["readinessProbe"]["httpGet"]["path"]
        for _ in range(300):
            assert process.poll() is None, "the server ended"
            try:
                if urllib.request.urlopen(f"{self.url}{path}", timeout=5).status == 200:
                    return process
            except OSError:
                time.sleep(0.5)
        pytest.fail("the server did not start")

    def status(self, method: str, path: str, body: object = None, login: tuple[str, str] | None = None) -> int:
        """Return the status of the answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        if login:
            request.add_header("Authorization", f"Basic {b64encode(':'.join(login).encode()).decode()}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture(scope="module")
def database():
    with running_postgres() as admin:
        engine = sqlalchemy.create_engine(admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("CREATE ROLE mlflow LOGIN"))
            connection.execute(sqlalchemy.text("CREATE DATABASE mlflow OWNER mlflow"))
        engine.dispose()
        yield admin.replace("maestro@", "mlflow@").replace("/postgres", "/mlflow")


@pytest.fixture(scope="module")
def server(composition, database, tmp_path_factory, free_port):
    made = Server(tmp_path_factory.mktemp("mlflow"), database, free_port)
    done = made.make_accounts()
    assert done.returncode == 0, done.stderr
    process = made.start()
    yield made
    process.terminate()
    process.wait()


@pytest.fixture
def as_client(monkeypatch):
    """Provide the environment of tasks and training pods, from their Secret."""
    for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.setenv(name, SECRETS[name])


@pytest.fixture
def project(server, tmp_path):
    """Provide a project on this server whose training set is there."""
    text = YAML.format(above=0.7, estimator=FOREST, uri=server.url, beat_baseline="true")
    (tmp_path / "maestro.yaml").write_text(text)
    built = folder(tmp_path, "build_features")
    with built.writing(TRAINING_SET) as file:
        trips().to_parquet(file)
        digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    description = TrainingSet(rows=240, features=["x", "kind"], label="late", timestamp="at", sha256=digest)
    built.write_model(
        "result.json", record_of(BuildFeaturesResult(outcome="passed", summary="", training_set=description), built)
    )
    return load_project(tmp_path)


# What a program without a login may try: (method, path, body).
TRIES = {
    "makes an experiment": ("POST", "/api/2.0/mlflow/experiments/create", {"name": "planted"}),
    "looks for experiments": ("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 1}),
    "looks in the way of a browser": ("POST", "/ajax-api/2.0/mlflow/experiments/search", {"max_results": 1}),
    "starts a run": ("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"}),
    "registers a model": ("POST", "/api/2.0/mlflow/registered-models/create", {"name": "planted"}),
    "moves an alias": (
        "POST", "/api/2.0/mlflow/registered-models/alias", {"name": "small_late", "alias": "staging", "version": "1"},
    ),
    "adds a version": ("POST", "/api/2.0/mlflow/model-versions/create", {"name": "small_late", "source": "s3://x/y"}),
    "deletes a model": ("DELETE", "/api/2.0/mlflow/registered-models/delete", {"name": "small_late"}),
    "lists artifacts": ("GET", "/api/2.0/mlflow-artifacts/artifacts?path=", None),
    "reads an artifact": ("GET", "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/model.skops", None),
    "writes an artifact": ("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/model.skops", {}),
    "deletes an artifact": ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/model.skops", None),
    "asks by GraphQL": ("POST", "/graphql", {"query": "{ mlflowSearchRuns(input: {}) { runs { info { runId } } } }"}),
    "sends traces": ("POST", "/v1/traces", {}),
    "reads a file of a run": ("GET", "/get-artifact?path=model.skops&run_uuid=a", None),
    "reads a file of a version": ("GET", "/model-versions/get-artifact?name=small_late&version=1&path=x", None),
    "reads metrics": ("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=a&metric_key=b", None),
    "makes an account": ("POST", "/api/2.0/mlflow/users/create", {"username": "x", "password": "x" * 12}),
    "makes itself an administrator": ("PATCH", "/api/2.0/mlflow/users/update-admin", {"username": "x", "is_admin": 1}),
    "lists webhooks": ("GET", "/api/2.0/mlflow/webhooks", None),
    "opens the UI": ("GET", "/", None),
}  # fmt: skip


def test_pods_that_start_together_make_their_accounts_one_after_the_other(server, database):
    number = int(re.search(r"^LOCK = ([\d_]+)$", (server.root / "accounts.py").read_text(), re.MULTILINE)[1])
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    engine = sqlalchemy.create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as other, ThreadPoolExecutor(1) as thread:
        other.execute(sqlalchemy.text(f"SELECT pg_advisory_lock({number})"))
        made = thread.submit(server.make_accounts)
        try:
            while not other.execute(sqlalchemy.text(waiting)).scalar():
                assert not made.done(), made.result()
                time.sleep(0.2)
        finally:
            other.execute(sqlalchemy.text(f"SELECT pg_advisory_unlock({number})"))
        assert made.result().returncode == 0, made.result().stderr
    engine.dispose()


@pytest.mark.parametrize("attempt", TRIES.values(), ids=TRIES)
def test_nothing_is_done_without_a_login(server, attempt):
    assert server.status(*attempt) == 401


@pytest.mark.parametrize("login", [("admin", "password1234"), ("maestro", "wrong password"), ("", "")])
def test_a_wrong_password_is_no_login(server, login):
    assert server.status("POST", "/api/2.0/mlflow/experiments/create", {"name": "planted"}, login=login) == 401


def test_the_probes_need_no_login(server):
    assert server.status("GET", "/health") == 200


def test_the_steps_of_training_log_and_register_and_move_the_alias(server, project, as_client):
    registered = run(project, "train", "evaluate", "register")
    assert (registered.outcome, registered.alias) == ("passed", "staging")
    with mlflow_client(server.url) as client:
        version = client.get_model_version_by_alias("small_late", "staging")
        client.set_registered_model_alias("small_late", "champion", version.version)
        assert [file.path for file in client.list_artifacts(version.run_id)]
    again = run(project, "register")
    assert (again.outcome, again.version) == ("passed", registered.version)


def test_the_account_of_tasks_deletes_nothing_and_administers_nothing(server, project, as_client):
    version = run(project, "train", "evaluate", "register").version
    with mlflow_client(server.url) as client:
        found = client.get_model_version("small_late", version)
        experiment, of_run = client.get_run(found.run_id).info.experiment_id, found.run_id
    refused = [
        ("DELETE", "/api/2.0/mlflow/registered-models/delete", {"name": "small_late"}),
        ("DELETE", "/api/2.0/mlflow/model-versions/delete", {"name": "small_late", "version": version}),
        ("POST", "/api/2.0/mlflow/runs/delete", {"run_id": of_run}),
        ("POST", "/api/2.0/mlflow/experiments/delete", {"experiment_id": experiment}),
        ("DELETE", f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{of_run}/artifacts/report.html", None),
        ("POST", "/api/2.0/mlflow/users/create", {"username": "x", "password": "x" * 12}),
        ("PATCH", "/api/2.0/mlflow/users/update-admin", {"username": "maestro", "is_admin": True}),
        ("PATCH", "/api/2.0/mlflow/users/update-password", {"username": "admin", "password": "x" * 12}),
    ]
    assert {path: server.status(*attempt, login=CLIENT) for attempt in refused for path in attempt[1:2]} == {
        path: 403 for _, path, _ in refused
    }
    with mlflow_client(server.url) as client:
        assert client.get_model_version("small_late", version).version == version


def test_a_wrong_password_is_an_error_that_names_the_server(server, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "maestro")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "wrong password")
    with pytest.raises(TrackingError, match="401"), mlflow_client(server.url):
        pass


def test_what_was_there_before_the_login_stays_usable(server, as_client):
    assert server.status("POST", "/api/2.0/mlflow/experiments/create", {"name": "before"}, login=ADMIN) == 200
    assert (
        server.status("POST", "/api/2.0/mlflow/registered-models/create", {"name": "of-somebody"}, login=ADMIN) == 200
    )
    with mlflow_client(server.url) as client:
        before = client.get_experiment_by_name("before")
        made = client.create_run(before.experiment_id)
        version = client.create_model_version("of-somebody", f"{made.info.artifact_uri}/model", run_id=made.info.run_id)
        client.set_registered_model_alias("of-somebody", "staging", version.version)


def test_a_password_that_changed_in_its_secret_is_the_one_that_counts(server):
    changed = {"MLFLOW_TRACKING_PASSWORD": "another password", "mlflow-admin-password": "of another admin"}
    search = ("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 1})
    try:
        assert server.make_accounts(**changed).returncode == 0
        assert server.status(*search, login=CLIENT) == 401
        assert server.status(*search, login=ADMIN) == 401
        assert server.status(*search, login=("maestro", "another password")) == 200
        assert server.status(*search, login=("admin", "of another admin")) == 200
    finally:
        assert server.make_accounts().returncode == 0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"MLFLOW_TRACKING_PASSWORD": "short"}, "'maestro' cannot be made: Password must be"),
        ({"MLFLOW_TRACKING_USERNAME": "admin"}, "have the same name, admin"),
    ],
)
def test_accounts_that_cannot_work_stop_the_server_with_a_reason(server, changed, reason):
    done = server.make_accounts(**changed)
    assert done.returncode == 1
    assert reason in done.stderr
