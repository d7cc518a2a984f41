"""One function a kind of source: the whole table as a lazy DuckDB relation."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from maestro_ml.data.errors import DataError
from maestro_ml.project.sources import CsvSource, ParquetSource, SqlSource

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project import Project
    from maestro_ml.project.datasets import Dataset


def scan(connection: "DuckDBPyConnection", project: "Project", dataset: "Dataset") -> "DuckDBPyRelation":
    """The source's table.

    Raises:
        DataError: there is nothing there, or it cannot be read as what it is said to be.
    """
    match dataset.source:
        case ParquetSource(path=path):
            return _parquet(connection, project.locate(path))
        case CsvSource(path=path, delimiter=delimiter):
            return _csv(connection, project.locate(path), delimiter)
        case SqlSource() as source:
            return connection.from_arrow(_sql(source))


def _parquet(connection: "DuckDBPyConnection", uri: str) -> "DuckDBPyRelation":
    files = _files(connection, uri, ".parquet")
    return _attempt(uri, lambda: connection.read_parquet(files, union_by_name=len(files) > 1))


def _csv(connection: "DuckDBPyConnection", uri: str, delimiter: str) -> "DuckDBPyRelation":
    files = _files(connection, uri, ".csv")
    # sample_size -1: types are judged on every row, so one bad value in a million is a wrong type and not a crash
    return _attempt(uri, lambda: connection.read_csv(files, header=True, delimiter=delimiter, sample_size=-1))


def _attempt(uri: str, read: Any) -> "DuckDBPyRelation":
    import duckdb

    try:
        relation = read()
        _ = relation.columns
    except duckdb.Error as error:
        raise DataError(_explained(uri, str(error))) from error
    return relation  # type: ignore[no-any-return]


def _explained(uri: str, message: str) -> str:
    if "utf-8" in message.lower() or "unicode" in message.lower():
        return f"{uri} is not UTF-8 text; convert it first, for example: iconv -f latin1 -t utf-8 {uri}"
    return f"{uri} cannot be read: {message.splitlines()[0]}"


def _files(connection: "DuckDBPyConnection", uri: str, suffix: str) -> list[str]:
    """The files behind a file, a folder or a glob; remote ones are read through fsspec."""
    import fsspec

    filesystem, path = fsspec.core.url_to_fs(uri)
    if filesystem.isdir(path):
        found = sorted(p for p in filesystem.find(path) if p.endswith(suffix))
    else:
        found = sorted(filesystem.glob(path)) if any(c in path for c in "*?[") else [path] * filesystem.exists(path)
    if not found:
        raise DataError(f"no {suffix.removeprefix('.')} file at {uri}")
    scheme = urlsplit(uri).scheme
    if not scheme or scheme == "file":
        return found
    if not connection.filesystem_is_registered(scheme):
        connection.register_filesystem(filesystem)
    return [f"{scheme}://{p}" for p in found]


def _sql(source: SqlSource) -> Any:
    import pyarrow as pa
    from sqlalchemy import MetaData, Table, create_engine, select
    from sqlalchemy.exc import SQLAlchemyError

    engine = create_engine(source.url.get_secret_value())
    try:
        table = Table(source.table, MetaData(), schema=source.db_schema, autoload_with=engine)
        with engine.connect().execution_options(stream_results=True, yield_per=50_000) as open_connection:
            names = [column.name for column in table.columns]
            parts = [
                pa.table([pa.array(values) for values in zip(*part, strict=True)], names=names)
                for part in open_connection.execute(select(table)).partitions()
            ]
    except SQLAlchemyError as error:
        raise DataError(
            f"table {source.table} at {engine.url!r} cannot be read: {str(error).splitlines()[0]}"
        ) from error
    finally:
        engine.dispose()
    if not parts:
        return pa.table({name: pa.nulls(0) for name in names})
    return pa.concat_tables(parts, promote_options="permissive")
