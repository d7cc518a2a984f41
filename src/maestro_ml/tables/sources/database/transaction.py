"""The one transaction in which an engine reads a database."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from maestro_ml.core.errors import DataError
from maestro_ml.core.library_errors import text_of
from maestro_ml.project import Project
from maestro_ml.project.sources import SqlSource
from maestro_ml.tables.sources.database.read import database_of, url_of


@contextmanager
def open_transaction(
    project: Project, name: str, statements: Sequence[str], *, extra: str
) -> Iterator[tuple[SqlSource, Any]]:
    """Connect to a dataset's database, begin with `statements`, and close the connection at the end, whatever happens.

    Args:
        project: where the dataset is declared.
        name: the dataset's name.
        statements: SQL that begins the transaction.
        extra: the extra of maestro-ml that brings the driver.

    Returns:
        The dataset's source, and a cursor of the driver.

    Raises:
        DataError: there is no driver, the database cannot be reached, or it refuses a statement.
    """
    from sqlalchemy import create_engine

    source = database_of(project.datasets[name])
    url = url_of(source, project.root)
    with ExitStack() as opened:
        try:
            engine = create_engine(url)
            opened.callback(engine.dispose)
            connection = engine.connect()
            opened.callback(connection.close)
            cursor = connection.connection.cursor()
            for statement in statements:
                cursor.execute(statement)
        except ImportError as error:
            raise DataError(
                f"table {source.table} at {url!r} cannot be reached: {text_of(error)}; "
                f"its driver comes with pip install 'maestro-ml[{extra}]'"
            ) from error
        except Exception as error:  # each driver has errors of its own
            raise DataError(f"table {source.table} at {url!r} cannot be reached: {text_of(error)}") from error
        yield source, cursor
