"""Register what Airflow needs by name to read our serialised DAGs, the listener, and the pages of the run store."""

from airflow.plugins_manager import AirflowPlugin

from maestro_ml.airflow.deadlines import RunQueued
from maestro_ml.airflow.run_counters import RunCounters
from maestro_ml.airflow.web_view import FASTAPI_APP, VIEW, LazyApp


class MaestroPlugin(AirflowPlugin):
    """Found through the entry point group `airflow.plugins`."""

    name = "maestro"
    deadline_references = [RunQueued]
    listeners = [RunCounters()]
    fastapi_apps = [{**FASTAPI_APP, "app": LazyApp()}]
    external_views = [VIEW]
