"""A sheet of an Excel workbook: its cells are typed one by one, and a column is what all of its cells are."""

from collections.abc import Collection, Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import DataError, WrongSource
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.sources import ExcelSource
from maestro_ml.tables.sources.database.columns import SqlColumn
from maestro_ml.tables.sources.distinct_names import expect_distinct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_EXAMPLES = 3  # texts, in a message


def read_excel(connection: "DuckDBPyConnection", source: ExcelSource, uri: str, dataset: Dataset) -> "DuckDBPyRelation":
    """Return the rows below the header; a row without any value is none.

    Raises:
        WrongSource: there is no such sheet, or its header names a column twice or not at all.
        DataError: the file is no workbook, or a column holds cells of several types.
    """
    import pyarrow as pa

    rows = _rows(source, uri)
    header = next(rows, None)
    if header is None:
        raise DataError(f"{uri} cannot be read: the sheet is empty: there is not even a header")
    names = ["" if cell is None else str(cell).strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    expect_distinct(names, uri)
    kept = [row[: len(names)] for row in rows if any(cell is not None for cell in row[: len(names)])]
    columns = []
    for name, cells in zip(names, zip(*kept, strict=True) if kept else [()] * len(names), strict=True):
        declared = dataset.column(name)
        column = SqlColumn(name, "unknown", "", dataset.hides(name), remedy="give all of its cells one format")
        try:
            wanted = declared.type if declared else "string"
            column.add(_typed(name, cells, wanted, source.null_values, hidden=dataset.hides(name)))
            columns.append(column.array())
        except DataError as error:
            raise type(error)(f"{uri} cannot be read: {error}") from None
    return connection.from_arrow(pa.table(columns, names=names))


def _typed(name: str, cells: Collection[Any], wanted: str, nulls: Collection[str], *, hidden: bool) -> list[Any]:
    """Return a column's cells; a date is a time at midnight in Excel, which has no dates."""
    values = [None if isinstance(cell, str) and cell.strip() in nulls else cell for cell in cells]
    texts = [value for value in values if isinstance(value, str)]
    if texts and any(value is not None and not isinstance(value, str) for value in values):
        shown = "" if hidden else f" such as {', '.join(map(repr, dict.fromkeys(texts[:_EXAMPLES])))}"
        raise DataError(
            f"the column {name} mixes text{shown} with other values; if the text stands for a missing value, say so "
            "with `null_values` of the source"
        )
    present = [value for value in values if value is not None]
    midnights = all(isinstance(value, datetime) and value.time() == time() for value in present)
    if wanted == "date" and present and midnights:
        return [None if value is None else value.date() for value in values]
    return values


def _rows(source: ExcelSource, uri: str) -> Iterator[tuple[Any, ...]]:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise DataError(f"{uri}: Excel sheets are read by pip install 'maestro-ml[excel]'") from error
    import fsspec

    with fsspec.open(uri, "rb") as file:
        try:
            workbook = load_workbook(file, read_only=True, data_only=True)
        except Exception as error:  # of ZIP, of XML, or its own
            raise DataError(f"{uri} cannot be read: it is not an Excel workbook (.xlsx): {error}") from error
        if source.sheet is not None and source.sheet not in workbook.sheetnames:
            raise WrongSource(f"{uri}: no sheet '{source.sheet}'{did_you_mean(source.sheet, workbook.sheetnames)}")
        sheet = workbook[source.sheet] if source.sheet is not None else workbook.worksheets[0]
        width = None
        for row in sheet.iter_rows(min_row=1 + source.skip, values_only=True):
            if width is None and all(cell is None for cell in row):
                continue
            width = width or len(row)
            yield (*row, *[None] * (width - len(row)))
