"""Where results, experiments and alerts go, and where steps run."""

from collections.abc import Iterator
from typing import Literal

from maestro_ml.core.node import Mistake, Node, OptionalText, SecretList, TextList

STEPS_IN_PODS = ("build_features", "train", "evaluate", "register")


class Tracking(Node):
    """MLflow: tracking and registry URI. User and password come from MLFLOW_TRACKING_USERNAME and _PASSWORD."""

    uri: str = "sqlite:///mlflow.db"
    experiment: str = "maestro"


class Alerting(Node):
    """Who is notified: Apprise URLs (mailto://, slack://, ...; none: the log), and Alertmanager (none: off)."""

    notify: SecretList = ()
    alertmanager: OptionalText = None


class Resources(Node):
    """Kubernetes quantities."""

    cpu: str = "1"
    memory: str = "2Gi"
    cpu_limit: str | None = None
    memory_limit: str | None = None


class Execution(Node):
    """`in_process`: run steps in the Airflow task. `kubernetes`: run the named steps in pods of their own."""

    mode: Literal["in_process", "kubernetes"] = "in_process"
    steps: TextList = STEPS_IN_PODS
    image: OptionalText = None
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    project: OptionalText = None  # the project's folder in that image, if it differs from Airflow's
    namespace: OptionalText = None
    service_account: OptionalText = None
    env_from_config_map: OptionalText = None  # a ConfigMap whose keys become the pod's environment: places and kinds
    env_from_secret: OptionalText = None  # a Secret whose keys do too, and take precedence: endpoints with passwords
    ca_config_map: OptionalText = None  # a ConfigMap in that namespace with the authorities the pod trusts
    ca_secret: OptionalText = None  # or a Secret
    ca_key: str = "ca.crt"
    tls_secret: OptionalText = None  # a Secret with the authority (ca.crt) of the platform's own servers
    resources: Resources = Resources()
    node_selector: dict[str, str] = {}
    labels: dict[str, str] = {}
    startup_timeout_seconds: int = 600

    def mistakes(self) -> Iterator[Mistake]:
        """Report pods without an image."""
        if self.mode == "kubernetes" and not self.image:
            yield Mistake((), "execution in pods needs an image")
        if self.ca_config_map and self.ca_secret:
            yield Mistake(("ca_secret",), "the authorities are in ca_config_map already")
