"""The settings of a private Airflow on this machine."""

import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from maestro_ml.project.platform import PROJECT_VARIABLE

LOOPBACK = "127.0.0.1"
_FOLDER = "airflow.dag_processing.bundles.local.LocalDagBundle"


@dataclass(frozen=True)
class DemoAirflow:
    """The home folder and the ports of a private Airflow.

    Attributes:
        own: the folder of the project it runs; by default the flights project of the demo, in the home.
    """

    home: Path
    port: int
    own: Path | None = None

    @classmethod
    def at(cls, home: Path, own: Path | None = None) -> "DemoAirflow":
        """Make the home; the password is random and readable by its owner only."""
        airflow = cls(home.resolve(), free_port(), own.resolve() if own else None)
        airflow.password_file.parent.mkdir(parents=True, exist_ok=True)
        if not airflow.password_file.exists():
            _write_private(airflow.password_file, json.dumps({"admin": secrets.token_urlsafe(12)}))
        return airflow

    @property
    def project(self) -> Path:
        """The folder of the project."""
        return self.own or self.home / "flights"

    @property
    def logs(self) -> Path:
        """The folder of the task logs."""
        return self.home / "airflow" / "logs"

    @property
    def url(self) -> str:
        """The address of the API server and the UI."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def password_file(self) -> Path:
        """The file with the password of the user admin."""
        return self.home / "airflow" / "passwords.json"

    def password(self) -> str:
        """Return the password of the user admin."""
        return str(json.loads(self.password_file.read_text())["admin"])

    def environment(self) -> dict[str, str]:
        """Return the environment of Airflow's processes: the caller's, with the demo's Airflow settings."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "AIRFLOW__"))
        }
        bundles = [{"name": "maestro", "classpath": "maestro_ml.airflow.bundle.MaestroDagBundle", "kwargs": {}}]
        if self.own and (self.own / "dags").is_dir():
            bundles.append({"name": "project", "classpath": _FOLDER, "kwargs": {"path": str(self.own / "dags")}})
        airflow_home = self.home / "airflow"
        settings = {
            ("core", "executor"): "LocalExecutor",
            ("core", "parallelism"): str(max(2, os.cpu_count() or 2)),
            ("core", "load_examples"): "False",
            ("core", "dags_are_paused_at_creation"): "False",
            ("core", "simple_auth_manager_users"): "admin:admin",
            ("core", "simple_auth_manager_passwords_file"): str(self.password_file),
            ("core", "execution_api_server_url"): f"{self.url}/execution/",
            ("core", "fernet_key"): self._secret("fernet_key", suffix="="),
            ("api", "secret_key"): self._secret("api_secret_key"),
            ("api_auth", "jwt_secret"): self._secret("jwt_secret"),
            ("api", "host"): LOOPBACK,
            ("api", "port"): str(self.port),
            ("api", "base_url"): self.url,
            ("api", "workers"): "1",
            ("database", "sql_alchemy_conn"): f"sqlite:///{airflow_home / 'airflow.db'}",
            ("dag_processor", "dag_bundle_config_list"): json.dumps(bundles),
            ("logging", "base_log_folder"): str(self.logs),
            ("logging", "worker_log_server_port"): str(free_port()),
            ("logging", "trigger_log_server_port"): str(free_port()),
            ("scheduler", "scheduler_heartbeat_sec"): "1",
            ("scheduler", "scheduler_idle_sleep_time"): "0.5",
        }
        return {
            **inherited,
            **{f"AIRFLOW__{section.upper()}__{key.upper()}": value for (section, key), value in settings.items()},
            "AIRFLOW_HOME": str(airflow_home),
            PROJECT_VARIABLE: str(self.project),
        }

    def _secret(self, name: str, suffix: str = "") -> str:
        """Return a secret of this home, generated once: 43 URL-safe characters, 32 random bytes."""
        path = self.home / "airflow" / f".{name}"
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(32))
        return path.read_text() + suffix


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def free_port() -> int:
    """Return a free TCP port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
