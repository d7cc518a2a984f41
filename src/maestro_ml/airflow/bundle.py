"""A DAG bundle that serves the DAGs of the installed package: no DAG folder, no copies, no shared volume."""

from pathlib import Path

from airflow.dag_processing.bundles.base import BaseDagBundle

import maestro_ml


class MaestroDagBundle(BaseDagBundle):
    """Serve the folder `maestro_ml/dags`.

    It is not versioned in Airflow's sense, because a worker has only the installed version: during a rollout, a run
    that started on the previous image continues on the new one instead of failing.
    """

    supports_versioning = False

    @property
    def path(self) -> Path:
        """The folder of the DAG files."""
        return Path(maestro_ml.__file__).parent / "dags"

    def get_current_version(self) -> None:
        """Return None: the bundle has no versions."""
        return None

    def refresh(self) -> None:
        """Do nothing: a new version is a new image."""
