"""Arrow (Feather) and ORC files, and Delta tables, as pyarrow datasets: DuckDB reads the columns and rows it needs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import DataError, WrongSource
from maestro_ml.core.filesystems import filesystem_of
from maestro_ml.core.library_errors import text_of
from maestro_ml.project.sources import DeltaSource
from maestro_ml.tables.errors import MissingSource
from maestro_ml.tables.sources.batches import expect_readable
from maestro_ml.tables.sources.distinct_names import expect_distinct
from maestro_ml.tables.sources.file_names import plain, short
from maestro_ml.tables.sources.schema import SourceFiles

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_FORMATS = {"arrow": "ipc", "orc": "orc"}
_MAPPING = "delta.columnMapping.mode"
_REMEDY = "; a copy that is written without it (CREATE TABLE ... AS SELECT) can be read"


def read_arrow_files(
    connection: "DuckDBPyConnection", files: Sequence[str], kind: str
) -> "tuple[DuckDBPyRelation, SourceFiles]":
    """Return the rows of files of a kind; of several, those that cannot be read are left out.

    Raises:
        DataError: none can be read, or they disagree on the type of a column.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds

    schemas, refused = dict[str, Any](), dict[str, str]()
    for file in files:
        try:
            schemas[file] = ds.dataset([_path(file)], format=_FORMATS[kind], filesystem=_filesystem(file)).schema
        except (OSError, pa.ArrowException) as error:
            refused[file] = text_of(error)
    if not schemas:
        file, why = next(iter(refused.items()))
        raise DataError(f"{file} cannot be read: {why}")
    for file, schema in schemas.items():
        expect_distinct(schema.names, file)
    schema = _common(schemas)
    first = next(iter(schemas))
    expect_readable(connection, schema, first)
    dataset = ds.dataset([*map(_path, schemas)], schema, _FORMATS[kind], filesystem=_filesystem(first))
    return connection.from_arrow(dataset), SourceFiles(tuple(schemas), refused)


def read_delta(connection: "DuckDBPyConnection", source: DeltaSource, uri: str) -> "DuckDBPyRelation":
    """Return the rows of a Delta table, of its newest version or of another.

    Raises:
        MissingSource: there is no Delta table.
        DataError: there is no reader, or it does not read the table.
    """
    try:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError
    except ImportError as error:
        raise DataError(f"{uri}: Delta tables are read by pip install 'maestro-ml[delta]'") from error
    try:
        table = DeltaTable(uri, version=source.version)
        mapped = table.metadata().configuration.get(_MAPPING, "none")
        if mapped != "none":  # of an older protocol, deltalake would read every value as missing
            raise DataError(f"{uri} cannot be read: {_MAPPING} is {mapped}, which deltalake does not read{_REMEDY}")
        dataset = table.to_pyarrow_dataset()
    except TableNotFoundError as error:
        raise MissingSource(f"no Delta table at {uri}") from error
    except (DeltaError, OSError) as error:
        newest = DeltaTable(uri).version() if source.version is not None else 0
        if source.version is not None and source.version > newest:
            raise WrongSource(f"{uri}: there is no version {source.version}; the newest is {newest}") from error
        remedy = _REMEDY if "reader features" in text_of(error) else ""
        raise DataError(f"{uri} cannot be read: {text_of(error).rstrip('.')}{remedy}") from error
    expect_distinct(dataset.schema.names, uri)
    expect_readable(connection, dataset.schema, uri)
    return connection.from_arrow(dataset)


def _common(schemas: dict[str, Any]) -> Any:
    """Return a schema with every column; raises DataError where two files have one in different types."""
    import pyarrow as pa

    found: dict[str, tuple[str, Any]] = {}
    for file, schema in schemas.items():
        for field in schema:
            other, type_ = found.setdefault(field.name, (file, field.type))
            if pa.types.is_null(type_):
                found[field.name] = (file, field.type)
            elif type_ != field.type and not pa.types.is_null(field.type):
                raise DataError(
                    f"column {field.name} is {type_} in {short(other)} and {field.type} in {short(file)}: "
                    "write it in one type"
                )
    return pa.schema([(name, type_) for name, (_, type_) in found.items()])


def _path(file: str) -> str:
    return str(_place(file)[1])


def _filesystem(file: str) -> Any:
    return _place(file)[0]


def _place(file: str) -> tuple[Any, str]:
    """Return the filesystem of a file (none: the local one), and its path there."""
    name = plain(file)
    if "://" not in name:
        return None, name
    return filesystem_of(name)
