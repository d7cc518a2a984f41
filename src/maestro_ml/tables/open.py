"""Open a dataset on the engine its declaration names."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module

from maestro_ml.core.library_errors import values_hidden
from maestro_ml.project import Project, Window
from maestro_ml.project.engines import ENGINES
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.engine import Engine
from maestro_ml.tables.local import open_dataset
from maestro_ml.tables.remote import RemoteTable
from maestro_ml.tables.table import Table


def open_on_engine(
    project: Project,
    name: str,
    windows: Sequence[Window] | None = None,
    *,
    many_passes: bool = False,
    most_rows: int | None = None,
) -> AbstractContextManager[Table]:
    """Open a dataset of the project to be validated, on its engine.

    Args:
        windows, many_passes, most_rows: as `open_dataset` has them; so many rows are taken into DuckDB.

    Raises:
        DataError: the source or the engine cannot be reached.
    """
    path = ENGINES[project.datasets[name].engine].path
    if path and most_rows is None:
        return _remote(project, name, path)
    return open_dataset(project, name, windows, many_passes=many_passes, most_rows=most_rows)


@contextmanager
def _remote(project: Project, name: str, path: str) -> Iterator[RemoteTable]:
    module, _, class_name = path.partition(":")
    engine_class: type[Engine] = getattr(import_module(module), class_name)
    with (
        values_hidden(project.has_personal_columns),
        connect() as connection,
        engine_class.connected(project, name) as engine,
    ):
        yield RemoteTable.on(engine, name, project.datasets[name], connection, project)
