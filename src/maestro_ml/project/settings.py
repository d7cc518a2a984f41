"""Where results, experiments and alerts go, and where steps run."""

from collections.abc import Iterator
from typing import Literal

from maestro_ml.core.node import Mistake, Node, OptionalText, SecretList
from maestro_ml.core.notifiers import own_notifier
from maestro_ml.core.places import Place
from maestro_ml.core.plugins import PluginError
from maestro_ml.core.secrets import without_passwords
from maestro_ml.project.pods import PodSettings, PodsOrNames, StepName
from maestro_ml.project.tracking_uri import is_tracking_uri

_STEPS_IN_PODS: tuple[StepName, ...] = ("build_features", "train", "evaluate", "register", "promote")


class Tracking(Node):
    """MLflow: tracking and registry URI. User and password come from MLFLOW_TRACKING_USERNAME and _PASSWORD."""

    uri: Place = "sqlite:///mlflow.db"
    experiment: str = "maestro"

    def mistakes(self) -> Iterator[Mistake]:
        """Report an address that MLflow does not know, such as one without `http://`."""
        if not is_tracking_uri(self.uri):
            yield Mistake(
                ("uri",),
                f"'{without_passwords(self.uri)}' is not an address of MLflow, such as http://mlflow:5000 or "
                "sqlite:///mlflow.db",
            )


class Alerting(Node):
    """Who is notified: Apprise URLs (mailto://, slack://, ...; none: the log), and Alertmanager (none: off).

    Beside URLs, `notify` takes functions of a title and a text, by import path or entry point.
    """

    notify: SecretList = ()
    alertmanager: OptionalText = None

    def mistakes(self) -> Iterator[Mistake]:
        """Report a function that cannot be imported."""
        for index, address in enumerate(self.notify):
            try:
                own_notifier(address.get_secret_value())
            except PluginError as error:
                yield Mistake(("notify", index), str(error))


class Execution(PodSettings):
    """`in_process`: run steps in the Airflow task. `kubernetes`: run the named steps in pods of their own.

    The settings of pods count for all steps; those under a step's name in `steps` are for this step.
    """

    mode: Literal["in_process", "kubernetes"] = "in_process"
    steps: PodsOrNames = dict.fromkeys(_STEPS_IN_PODS, PodSettings.model_construct())
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
    startup_timeout_seconds: int = 600

    def mistakes(self) -> Iterator[Mistake]:
        """Report pods without an image, and what is wrong with the settings of all."""
        yield from super().mistakes()
        if self.mode == "kubernetes" and not self.image:
            yield Mistake((), "execution in pods needs an image")
        if self.ca_config_map and self.ca_secret:
            yield Mistake(("ca_secret",), "the authorities are in ca_config_map already")
