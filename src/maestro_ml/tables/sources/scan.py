"""One function a kind of source: the whole table as a DuckDB relation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_ml.core.errors import DataError
from maestro_ml.project.datasets import Column
from maestro_ml.project.source_kinds import Source
from maestro_ml.project.sources import (
    CsvSource,
    IcebergSource,
    ParquetSource,
    SqlSource,
)
from maestro_ml.project.table_source import TableSource
from maestro_ml.tables.errors import reading
from maestro_ml.tables.parquet.trust import ignore_statistics, reason_for_doubt
from maestro_ml.tables.sources import unions
from maestro_ml.tables.sources.csv.load import load_csv
from maestro_ml.tables.sources.database.parts import Part
from maestro_ml.tables.sources.database.read import database_of, read_sql, read_times
from maestro_ml.tables.sources.file_kinds import PARQUET, csv_kind
from maestro_ml.tables.sources.files import find_files
from maestro_ml.tables.sources.iceberg import IcebergTable
from maestro_ml.tables.sources.other_files import scan_other
from maestro_ml.tables.sources.own import read_own
from maestro_ml.tables.sources.parquet import (
    ParquetFiles,
    inspect_files,
    keep_footers,
    read_small_files_at_once,
)
from maestro_ml.tables.sources.partitions import Partition, partitioned
from maestro_ml.tables.sources.schema import SourceFiles
from maestro_ml.tables.sources.times import Times

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project import Project, Window
    from maestro_ml.project.datasets import Dataset


class Scanned(NamedTuple):
    """A source's table.

    Attributes:
        relation: its rows.
        files: the files behind it, where there are any.
        names: all columns in their order, where some beyond the contract were not read.
        is_partial: whether other rows than those of the windows were left out.
    """

    relation: "DuckDBPyRelation"
    files: SourceFiles | None = None
    names: tuple[str, ...] = ()
    is_partial: bool = False


def scan(
    connection: "DuckDBPyConnection",
    project: "Project",
    dataset: "Dataset",
    windows: "Sequence[Window] | None" = None,
    folder: Path | None = None,
    most_rows: int | None = None,
) -> Scanned:
    """Return the source's table, and its files: of several, those that cannot be read are left out.

    Args:
        windows: a database may leave rows of others out; None for all rows.
        folder: where many small files may be copied into one.
        most_rows: what lies behind the first so many rows may be left out; None for all rows.

    Raises:
        DataError: there is nothing there, or it cannot be read as what it is declared to be.
    """
    match dataset.source:
        case ParquetSource():
            parquet = dataset_files(connection, project, dataset, folder)
            with reading(located(project, dataset.source)):
                return Scanned(parquet.relation(connection, dataset.timezone), parquet)
        case CsvSource() as source:
            uri = project.locate_data(source.path)
            with reading(uri):
                found = find_files(connection, uri, csv_kind(source.delimiter))
                readable, refused, columns = _in_folders(project, source, dataset, found.files)
                table, files = load_csv(connection, readable, uri, source, dataset, columns, most_rows)
                return Scanned(table, replace(files, left_out=found.left_out, refused=files.refused | refused))
        case SqlSource() as source:
            part = read_sql(source, project.root, dataset.hides, Part.of(dataset, windows, most_rows))
            return Scanned(connection.from_arrow(part.rows), None, part.names, part.is_partial)
        case TableSource() as source:
            rows = read_own(connection, source, dataset, project.root, windows, most_rows)
            return Scanned(rows, is_partial=windows is not None)
        case IcebergSource():
            rows, names, is_partial = iceberg_table(project, dataset).read(connection, windows, most_rows)
            return Scanned(rows, None, names, is_partial)
        case source:
            return Scanned(*scan_other(connection, source, located(project, source), dataset))


def iceberg_table(project: "Project", dataset: "Dataset") -> IcebergTable:
    """Return a dataset that is an Iceberg table; raises DataError if it is none."""
    if not isinstance(dataset.source, IcebergSource):
        raise DataError("the source is no Iceberg table")
    return IcebergTable(dataset.source, located(project, dataset.source), dataset)


def count_times(project: "Project", dataset: "Dataset", end: "datetime", latest: "datetime") -> Times | None:
    """Let a dataset's database count the event times of all rows, as a `TimeCounter` does."""
    return read_times(project, dataset, end, latest)


def read_strays(
    connection: "DuckDBPyConnection", project: "Project", dataset: "Dataset", latest: "datetime"
) -> "DuckDBPyRelation":
    """Return a few rows of a database's table without a time, and a few later than `latest`."""
    part = replace(Part.of(dataset, None), after=latest)
    return connection.from_arrow(read_sql(database_of(dataset), project.root, dataset.hides, part).rows)


def dataset_files(
    connection: "DuckDBPyConnection", project: "Project", dataset: "Dataset", folder: Path | None = None
) -> ParquetFiles:
    """Return the files of a dataset that is Parquet; those whose folders lack a declared partition are refused.

    Args:
        folder: where many small files may be copied into one.

    Raises:
        DataError: there is none, or not one that can be read.
    """
    source = dataset.source
    if not isinstance(source, ParquetSource):
        raise DataError("the source is not Parquet")
    uri = project.locate_data(source.path)
    found = find_files(connection, uri, PARQUET)
    files, refused, columns = _in_folders(project, source, dataset, found.files)
    with reading(uri):
        if not folder:
            keep_footers(connection, files)
            read_small_files_at_once(connection, files)
        parquet = replace(inspect_files(connection, files), partitions=columns)
        if folder:
            parquet = parquet.gathered(connection, folder)
            keep_footers(connection, [*parquet.copies] or files)
        there = dict.fromkeys(name for layout in parquet.by_layout for name, _ in layout.columns)
        contract = dataset.expanded(there).columns if dataset.columns else there
        looked_at = dict.fromkeys([dataset.timestamp or "", *contract])
        doubt = None if parquet.copies else _doubted(connection, parquet, looked_at)  # of our own there is none
    return replace(parquet, left_out=found.left_out, refused=parquet.refused | refused, doubt=doubt)


def _doubted(connection: "DuckDBPyConnection", files: ParquetFiles, columns: Iterable[str]) -> str | None:
    """Return why statistics are not used for these columns; then DuckDB does not either, on this connection."""
    doubt = reason_for_doubt(connection, files.readable, tuple(columns))
    if doubt:
        ignore_statistics(connection)
    return doubt


def _in_folders(
    project: "Project", source: ParquetSource | CsvSource, dataset: "Dataset", files: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, str], tuple[Partition, ...]]:
    """Return the files whose folders give the declared partitions, why others do not, and the partitions."""
    uri = project.locate_data(source.path)
    root = project.locate_data("").rstrip("/")
    base = f"{root}/" if uri.startswith(f"{root}/") else ""
    contract = {name: dataset.column(name) or Column(type="string") for name in source.partitions}
    return partitioned(files, source.partitions, contract, base)


def parquet_files(
    connection: "DuckDBPyConnection", uri: str, storage_options: Mapping[str, Any] | None = None
) -> ParquetFiles:
    """Return the files behind a file, folder, glob or fsspec URI; `storage_options` are those of its filesystem.

    Raises:
        DataError: there is none, or not one that is Parquet.
    """
    found = find_files(connection, uri, PARQUET, storage_options)
    keep_footers(connection, found.files)
    with reading(uri):
        return replace(inspect_files(connection, found.files), left_out=found.left_out)


def read_parquet(
    connection: "DuckDBPyConnection",
    uri: str,
    storage_options: Mapping[str, Any] | None = None,
    compared: Sequence[str] = (),
) -> "DuckDBPyRelation":
    """Return Parquet in place, read when and as far as needed.

    Args:
        compared: columns by which rows are chosen or joined; their statistics are checked.

    Raises:
        DataError: there is none, or one of the files is not Parquet.
    """
    files = parquet_files(connection, uri, storage_options)
    for file, reason in files.refused.items():
        raise DataError(f"{file} cannot be read: {reason}")
    for name, why in files.left_out.items():
        raise DataError(f"{uri}: {name} looks like data and would be left out ({why}); rename it or move it away")
    for column, zoned, naive in unions.zones(files.by_layout):
        raise DataError(f"{uri}: {column} carries a timezone in {zoned} and none in {naive}; write all in one way")
    with reading(uri):
        if compared:
            _doubted(connection, files, compared)
        return files.relation(connection)


def located(project: "Project", source: Source) -> str:
    """Return where a source is, for a person; without a password."""
    if isinstance(source, SqlSource):
        return f"table {source.table}"
    if isinstance(source, TableSource):
        return source.place
    if isinstance(source, IcebergSource) and not source.path:
        return f"table {source.table} of the catalog {source.catalog}"
    return project.locate_data(source.path)
