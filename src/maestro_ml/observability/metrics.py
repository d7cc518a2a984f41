"""The metric catalogue: what Maestro measures. Names, labels and meanings in one place."""

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

# Every sample gets these labels too, because two pipelines can validate one dataset.
ORIGIN = ("dag_id", "project", "team")
VERDICT_VALUES = {"pass": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True)
class Gauge:
    """A metric. Calling it with a value and labels makes a sample."""

    name: str
    help: str
    labels: tuple[str, ...] = field(default=())

    def __call__(self, value: float, **labels: str) -> "MetricValue":
        if set(labels) != set(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {tuple(labels)}")
        return MetricValue(name=self.name, value=float(value), labels=labels)


@dataclass(frozen=True)
class Counter:
    """A number of events, under Airflow's prefix; each event is counted when it happens."""

    name: str
    help: str
    labels: tuple[str, ...] = field(default=())


class MetricValue(BaseModel):
    """One measured value; in JSON, which has no other word for them, NaN and infinity are texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    name: str
    value: float
    labels: dict[str, str] = {}


CATALOGUE: list[Gauge] = []


def _gauge(name: str, help: str, labels: tuple[str, ...]) -> Gauge:
    """Declare a gauge and put it into the catalogue."""
    gauge = Gauge(name, help, labels)
    CATALOGUE.append(gauge)
    return gauge


VALIDATION_VERDICT = _gauge("maestro.validation.verdict", "0 pass, 1 warn, 2 fail", ("dataset",))
VALIDATION_FINDINGS = _gauge(
    "maestro.validation.findings", "Findings that are not ok", ("dataset", "stage", "severity")
)
VALIDATION_ROWS = _gauge("maestro.validation.rows", "Rows in the window", ("dataset",))
VALIDATION_STALENESS = _gauge(
    "maestro.validation.staleness_seconds", "Age of the newest row at the window's end", ("dataset",)
)
DRIFT_SHARE = _gauge("maestro.validation.drift_share", "Share of the tested columns that drifted", ("dataset",))
DRIFT_MIN_P_VALUE = _gauge("maestro.validation.drift_min_p_value", "Smallest p-value of the drift tests", ("dataset",))
ANOMALY_RATE = _gauge("maestro.validation.anomaly_rate", "Share of the window's rows called anomalous", ("dataset",))
FEATURE_ROWS = _gauge("maestro.features.rows", "Entity keys materialized from the window", ("view",))
FEATURE_STALENESS = _gauge(
    "maestro.features.staleness_seconds", "Age of the newest feature row at the window's end", ("view",)
)
FEATURE_MISSING_SHARE = _gauge(
    "maestro.features.missing_share", "Share of the sampled keys not found online", ("view",)
)
TRAINING_GATE = _gauge("maestro.training.gate", "1 the candidate passed the gate, 0 it was rejected", ("model",))
ALIAS_PROBLEMS = _gauge(
    "maestro.training.alias_problems", "Aliases that do not match the ledger, and faults in it", ("model",)
)
TRAINING_METRIC = _gauge("maestro.training.metric", "The candidate's test metrics", ("model", "metric"))

DAG_RUN_SUCCESS = Counter("dag_run.success", "DAG runs that succeeded", ("dag_id", "run_type"))
DAG_RUN_FAILED = Counter("dag_run.failed", "DAG runs that failed", ("dag_id", "run_type"))

COUNTERS: tuple[Counter, ...] = (DAG_RUN_SUCCESS, DAG_RUN_FAILED)
