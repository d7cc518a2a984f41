"""Registered models of a project, and their ledgers in the run store under `ledger/<registered name>/`."""

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from maestro_ml.project import Project
from maestro_ml.steps.store import Folder
from maestro_ml.training.ledger import Ledger
from maestro_ml.training.tracking.model_registry import ModelRegistry, VersionSummary, open_registry
from maestro_ml.training.tracking.version_lineage import Lineage, lineage_of

__all__ = ["Lineage", "ModelRegistry", "VersionSummary", "ledger_of", "lineage_of", "person", "registered_model"]


def ledger_of(store: str, name: str) -> Ledger:
    """Return the ledger of a registered name."""
    return Ledger(Folder(f"{store.rstrip('/')}/ledger/{name}"))


@contextmanager
def registered_model(project: Project, store: str, model: str) -> Iterator[ModelRegistry]:
    """Yield the registered model of one of the project's models."""
    name = project.models[model].register_as.name
    with open_registry(project, name, ledger_of(store, name)) as registry:
        yield registry


def person() -> str:
    """Return who runs this process, and where."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        user = "somebody"
    return f"{user}@{socket.gethostname()}"
