"""The description of this provider. Cheap to import, because every Airflow process imports it."""

from typing import Any

import maestro_ml


def get_provider_info() -> dict[str, Any]:
    """Return the description of this provider, as airflow/provider_info.schema.json defines it."""
    return {
        "package-name": "maestro-ml",
        "name": "Maestro ML",
        "description": "Data validation, feature materialization and gated training as Airflow pipelines.",
        "versions": [maestro_ml.__version__],
        "integrations": [
            {
                "integration-name": "Maestro",
                "external-doc-url": "https://pypi.org/project/maestro-ml/",
                "tags": ["software"],
            }
        ],
        "operators": [{"integration-name": "Maestro", "python-modules": ["maestro_ml.airflow.operators"]}],
        "hooks": [{"integration-name": "Maestro", "python-modules": ["maestro_ml.airflow.hooks"]}],
        "bundles": [{"integration-name": "Maestro", "python-modules": ["maestro_ml.airflow.bundle"]}],
        "notifications": ["maestro_ml.airflow.notifier.MaestroNotifier"],
        "connection-types": [
            {
                "connection-type": "feast",
                "hook-class-name": "maestro_ml.airflow.hooks.FeastHook",
                "hook-name": "Feast feature store",
            },
            {
                "connection-type": "mlflow",
                "hook-class-name": "maestro_ml.airflow.hooks.MlflowHook",
                "hook-name": "MLflow",
            },
        ],
    }
