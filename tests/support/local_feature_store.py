"""A Feast store on one machine, read by Maestro's offline store."""


def feature_store_yaml(project: str, folder: str = ".") -> str:
    """Return a `feature_store.yaml` whose registry and online store lie in a folder beside it."""
    return (
        f"project: {project}\n"
        "provider: local\n"
        f"registry: {folder}/registry.db\n"
        f"online_store: {{type: sqlite, path: {folder}/online.db}}\n"
        "offline_store: {type: maestro_ml.features.offline_store.DuckDBOfflineStore}\n"
        "entity_key_serialization_version: 3\n"
    )
