"""`--at latest`: the window that ends with the newest row."""

from datetime import UTC, datetime
from typing import Literal

from maestro_ml.core.boundary import boundary
from maestro_ml.project import Project, RequestError

LATEST: Literal["latest"] = "latest"


def latest_end(project: Project, target: str) -> datetime:
    """Return the end of a window whose last row is the newest of a dataset, or of a model's dataset.

    Raises:
        RequestError: there is no such dataset, or it has no row with a time.
        DataError: it cannot be read.
    """
    from maestro_ml.tables.extent import extent_of
    from maestro_ml.tables.open import open_on_engine

    name = project.models[target].dataset if target in project.models else target
    if name not in project.datasets:
        raise RequestError(f"--at {LATEST} is the newest row of a dataset or of a model's dataset; give a time instead")
    spec = project.datasets[name]
    if spec.timestamp is None:
        raise RequestError(f"dataset {name} has no timestamp: no row is the latest")
    if spec.hides(spec.timestamp):
        raise RequestError(f"dataset {name}: {spec.timestamp} is marked pii, and a window would show its newest value")
    with boundary(f"--at {LATEST} of {name}", project), open_on_engine(project, name, ()) as table:
        extent = extent_of(table, datetime.now(UTC))
    if extent is None:
        raise RequestError(f"dataset {name} has no row with a time: --at {LATEST} names none")
    return extent.end
