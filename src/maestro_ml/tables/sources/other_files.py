"""The kinds of sources that are neither Parquet, nor CSV, nor tables of a database."""

from dataclasses import replace
from typing import TYPE_CHECKING

from maestro_ml.core.errors import WrongSource
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.sources import ArrowSource, DeltaSource, ExcelSource, JsonSource, OrcSource
from maestro_ml.tables.errors import reading
from maestro_ml.tables.sources.arrow_files import read_arrow_files, read_delta
from maestro_ml.tables.sources.excel import read_excel
from maestro_ml.tables.sources.file_kinds import ARROW, EXCEL, JSON, ORC
from maestro_ml.tables.sources.file_names import plain, short
from maestro_ml.tables.sources.files import find_files
from maestro_ml.tables.sources.json_lines import read_json_lines
from maestro_ml.tables.sources.schema import SourceFiles

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

OtherSource = JsonSource | ArrowSource | OrcSource | ExcelSource | DeltaSource


def scan_other(
    connection: "DuckDBPyConnection", source: OtherSource, uri: str, dataset: Dataset
) -> "tuple[DuckDBPyRelation, SourceFiles | None]":
    """Return the source's table, and its files where they are one by one; raises DataError as `scan` does."""
    match source:
        case JsonSource():
            listing = find_files(connection, uri, JSON)
            with reading(uri):
                table, files = read_json_lines(connection, listing.files, uri, dataset)
            return table, replace(files, left_out=listing.left_out)
        case ArrowSource() | OrcSource():
            listing = find_files(connection, uri, ARROW if source.kind == "arrow" else ORC)
            table, files = read_arrow_files(connection, listing.files, source.kind)
            return table, replace(files, left_out=listing.left_out)
        case ExcelSource():
            first, *others = find_files(connection, uri, EXCEL).files
            if others:
                raise WrongSource(f"{uri}: there are several workbooks; name one of them, such as {short(first)}")
            return read_excel(connection, source, plain(first), dataset), None
        case DeltaSource():
            return read_delta(connection, source, uri), None
