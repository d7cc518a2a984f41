"""Register what Airflow needs by name to read our serialised DAGs, and the listener."""

from airflow.plugins_manager import AirflowPlugin

from maestro_ml.airflow.deadlines import RunQueued
from maestro_ml.airflow.run_counters import RunCounters


class MaestroPlugin(AirflowPlugin):
    """Found through the entry point group `airflow.plugins`."""

    name = "maestro"
    deadline_references = [RunQueued]
    listeners = [RunCounters()]
