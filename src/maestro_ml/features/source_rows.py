"""Read the rows of a Feast source in a time range, for materialization."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.features.entity_keys import real_keys
from maestro_ml.features.feature_rows import FeatureRows
from maestro_ml.tables import DataError
from maestro_ml.tables.duckdb import connect

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

Select = Callable[["DuckDBPyConnection", Sequence[str], datetime | None, datetime | None], "DuckDBPyRelation"]


def rows_of_source(config: Any, source: Any, keys: Sequence[str], timestamp: str, created: str | None) -> FeatureRows:
    """Describe the rows of a Feast data source for DuckDB, under the file's own column names.

    Raises:
        DataError: the source is not Parquet behind a FileSource.
    """
    from feast.data_format import ParquetFormat
    from feast.infra.offline_stores.file_source import FileSource

    if not isinstance(source, FileSource) or not isinstance(source.file_format, ParquetFormat | None):
        kind = type(getattr(source, "file_format", None) or source).__name__
        raise DataError(f"source {source.name}: this offline store reads Parquet behind a FileSource, not {kind}")
    return FeatureRows(
        uri_of(config, source),
        real_keys(keys),
        timestamp,
        created or None,
        storage_options(source),
    )


def uri_of(config: Any, source: Any) -> str:
    """Return where the file of a Feast FileSource is: an absolute path, or a URI."""
    from feast.infra.offline_stores.file_source import FileSource

    uri = str(FileSource.get_uri_for_file_path(config.repo_path, source.path))
    return uri if "://" in uri else str(Path(uri).resolve())


def file_of(config: Any, source: Any) -> str | None:
    """Return where the file of a Feast data source is; None where it is no FileSource."""
    from feast.infra.offline_stores.file_source import FileSource

    return uri_of(config, source) if isinstance(source, FileSource) else None


def storage_options(source: Any) -> dict[str, Any]:
    """Return endpoint and credentials if the source has its own; otherwise the environment's are used."""
    credentials = source.resolve_credentials() or {}
    names = {"key": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "token": "AWS_SESSION_TOKEN"}
    options: dict[str, Any] = {ours: credentials[theirs] for ours, theirs in names.items() if theirs in credentials}
    return options | ({"endpoint_url": source.s3_endpoint_override} if source.s3_endpoint_override else {})


def pull(
    select: Select, rows: FeatureRows, features: Sequence[str], start: datetime | None, end: datetime | None
) -> "pa.Table":
    """Read keys, features (all columns if none is named) and timestamps, in UTC, of the rows that `select` returns."""
    import pyarrow as pa
    from feast.feature_view import DUMMY_ENTITY_ID, DUMMY_ENTITY_VAL

    with connect() as connection:
        wanted = features or rows.scan(connection).columns
        others = [name for name in dict.fromkeys(wanted) if name not in (*rows.keys, rows.timestamp, rows.created)]
        columns = {name: f"key_{i}" for i, name in enumerate(rows.keys)}
        columns |= {name: f"feature_{i}" for i, name in enumerate(others)} | {rows.timestamp: "moment"}
        columns |= {rows.created: "created"} if rows.created else {}
        found = select(connection, others, start, end).project(", ".join(columns.values())).to_arrow_table()
    table = found.rename_columns([*columns])
    for name in (rows.timestamp, rows.created):
        if name and (pa.types.is_timestamp(table[name].type) or pa.types.is_date(table[name].type)):
            table = table.set_column(table.column_names.index(name), name, in_utc(table[name]))
    if not rows.keys:
        table = table.append_column(DUMMY_ENTITY_ID, pa.array([DUMMY_ENTITY_VAL] * table.num_rows, pa.string()))
    return table


def in_utc(times: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Convert times to UTC and keep their nanoseconds; times without a zone are taken as UTC."""
    import pyarrow as pa

    return times.cast(pa.timestamp(times.type.unit if pa.types.is_timestamp(times.type) else "us", "UTC"))
