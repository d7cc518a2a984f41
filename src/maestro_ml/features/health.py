"""Whether the feature store's parts answer, one by one; `check_features` looks at all of them together."""

from maestro_ml.features.preflight import check_online_store
from maestro_ml.features.store import open_store
from maestro_ml.project import Project


def registry_answer(project: Project) -> tuple[str, int]:
    """Read the registry and return its type and how many feature views are in it.

    Raises:
        MaestroError: it cannot be read.
    """
    store = open_store(project)
    return store.registry_type, len(store.views())


def online_store_answer(project: Project) -> str:
    """Write a row of our own to the online store and read it back.

    Raises:
        MaestroError: it cannot be written or read.
    """
    store = open_store(project)
    check_online_store(store)
    return f"the {store.online_type} online store returns what was written"
