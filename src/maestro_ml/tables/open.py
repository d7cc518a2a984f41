"""Open a dataset for the engine its project file names."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from maestro_ml.core.library_errors import values_hidden
from maestro_ml.project import Project
from maestro_ml.project.sources import SqlSource
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.local import OpenDataset, open_dataset
from maestro_ml.tables.remote import Engine, PushedDataset


def open_on_engine(project: Project, name: str) -> AbstractContextManager[OpenDataset]:
    """Return a dataset to be validated: in DuckDB, or where it is.

    Raises:
        DataError: the source or the engine cannot be reached.
    """
    return open_dataset(project, name) if project.datasets[name].engine == "duckdb" else _pushed(project, name)


@contextmanager
def _pushed(project: Project, name: str) -> Iterator[OpenDataset]:
    spec = project.datasets[name]
    with values_hidden(project.has_personal_columns), connect() as connection, _started(project, name) as engine:
        yield PushedDataset.opened_on(engine, name, connection, spec=spec, project=project)


def _started(project: Project, name: str) -> AbstractContextManager[Engine]:
    source = project.datasets[name].source
    if isinstance(source, SqlSource):
        from maestro_ml.tables.engines.postgres import postgres

        return postgres(source, project.root)
    from maestro_ml.tables.engines.spark import spark

    return spark(project)
