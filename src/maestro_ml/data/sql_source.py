"""A table of a database, read through SQLAlchemy into Arrow."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.data.errors import DataError
from maestro_ml.project.sources import SqlSource

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

_ROWS_AT_ONCE = 50_000


def read_sql(source: SqlSource, root: Path) -> Any:
    """The whole table as a pyarrow.Table; a relative SQLite path starts at the project's folder.

    Raises:
        DataError: the database cannot be reached, has no such table, or the table's values have no common type.
    """
    import pyarrow as pa
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

    url = url_of(source, root)
    where = f"table {source.table} at {url!r}"  # the password is masked
    try:
        engine = create_engine(url)
    except (SQLAlchemyError, ImportError) as error:
        raise DataError(f"{where} cannot be reached: {error}") from error
    try:
        return _read(engine, source)
    except NoSuchTableError as error:
        raise DataError(f"{where}: there is no such table or view") from error
    except (SQLAlchemyError, pa.ArrowException) as error:
        raise DataError(f"{where} cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        engine.dispose()


def url_of(source: SqlSource, root: Path) -> "URL":
    """Where the source's database is; raises DataError where that is no URL, or no file."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(source.url.get_secret_value())
    except ArgumentError as error:
        raise DataError(
            f"the url of table {source.table} is not a database URL, such as postgresql+psycopg://user@host/db"
        ) from error
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return url
    file = root / str(url.database)
    if not file.exists():  # SQLite would make an empty one
        raise DataError(f"table {source.table}: no SQLite file at {file}")
    return url.set(database=str(file))


def _read(engine: "Engine", source: SqlSource) -> Any:
    import pyarrow as pa
    from sqlalchemy import MetaData, Table, select

    table = Table(source.table, MetaData(), schema=source.db_schema, autoload_with=engine)
    names = [column.name for column in table.columns]
    with engine.connect().execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE) as connection:
        parts = [
            pa.table([pa.array(values) for values in zip(*part, strict=True)], names=names)
            for part in connection.execute(select(table)).partitions()
        ]
    if not parts:
        return pa.table({name: pa.nulls(0) for name in names})
    return pa.concat_tables(parts, promote_options="permissive")
