"""The DAGs as they lie in the installed package: no DAG folder, no copying, no shared volume."""

from pathlib import Path

from airflow.dag_processing.bundles.base import BaseDagBundle

import maestro_ml


class MaestroDagBundle(BaseDagBundle):
    """Serves the folder `maestro_ml/dags`.

    Not versioned in Airflow's sense: a worker has just the installed version, so during a rollout a run that was
    begun by the previous image goes on with the new one instead of failing for want of the old.
    """

    supports_versioning = False

    @property
    def path(self) -> Path:
        return Path(maestro_ml.__file__).parent / "dags"

    def get_current_version(self) -> None:
        return None

    def refresh(self) -> None:
        """Nothing to fetch: a new version is a new image."""
