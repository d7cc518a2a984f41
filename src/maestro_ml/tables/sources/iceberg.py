"""Iceberg tables, read by pyiceberg into the connection (it spills to disk where memory ends)."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.core.library_errors import text_of
from maestro_ml.project.sources import IcebergSource
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables.errors import MissingSource
from maestro_ml.tables.sources.distinct_names import expect_distinct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def read_iceberg(connection: "DuckDBPyConnection", source: IcebergSource, uri: str) -> "DuckDBPyRelation":
    """Return the rows of an Iceberg table, of its current snapshot or of another.

    Raises:
        MissingSource: there is no such table.
        DataError: there is no reader, the catalog cannot be reached, or the table cannot be read.
    """
    try:
        table = _table(source, uri)
        rows = table.scan(snapshot_id=source.snapshot).to_arrow_batch_reader()
        expect_distinct(rows.schema.names, uri)
        name = f"iceberg_{uuid4().hex}"
        connection.register(f"{name}_rows", rows)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {quoted(name + '_rows')}")  # noqa: S608
        connection.unregister(f"{name}_rows")
    except ImportError as error:
        raise DataError(f"{uri}: Iceberg tables are read by pip install 'maestro-ml[iceberg]'") from error
    except FileNotFoundError as error:
        raise MissingSource(f"no Iceberg table at {uri}: {text_of(error)}") from error
    except DataError:
        raise
    except Exception as error:  # each catalog has errors of its own
        raise DataError(f"{uri} cannot be read: {text_of(error)}") from error
    return connection.table(name)


def _table(source: IcebergSource, uri: str) -> Any:
    from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

    if source.path:
        from pyiceberg.table import StaticTable

        return StaticTable.from_metadata(uri)
    from pyiceberg.catalog import load_catalog

    try:
        return load_catalog(source.catalog).load_table(source.table or "")
    except (NoSuchTableError, NoSuchNamespaceError) as error:
        raise MissingSource(f"{uri}: there is no such table") from error
