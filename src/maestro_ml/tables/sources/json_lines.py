"""JSON: an object a line, or an array of objects. Fields are read as text and typed by the contract, as in CSV."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.project.datasets import Dataset
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.tables.sources.csv.columns import TextTable
from maestro_ml.tables.sources.declared_times import NoFormats
from maestro_ml.tables.sources.distinct_names import expect_distinct
from maestro_ml.tables.sources.file_names import plain
from maestro_ml.tables.sources.schema import SourceFiles

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def read_json_lines(
    connection: "DuckDBPyConnection", files: Sequence[str], place: str, dataset: Dataset
) -> "tuple[DuckDBPyRelation, SourceFiles]":
    """Return the objects of the files as rows; a nested value is its JSON as text.

    Raises:
        DataError: no object has a key, and no contract names any.
        WrongSource: two keys differ in their case only.
        DuckDB's errors: a file is no JSON.
    """
    paths = f"[{', '.join(map(literal, files))}]"
    found = _keys(connection, paths)
    expect_distinct(found, place)
    dataset = dataset.expanded(found)
    names = [name for name in dataset.columns if name in found]
    names += [name for name in found if name not in dataset.columns]
    if not names:  # no object has a key
        if not dataset.columns:
            raise DataError(f"{place} cannot be read: no object in it has a key")
        names = [next(iter(dataset.columns))]
    fields = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    raw, table = f"json_{uuid4().hex}", f"json_{uuid4().hex}"
    rows = f"read_json({paths}, format = 'auto', columns = {{{fields}}}, hive_partitioning = false)"
    connection.execute(f"CREATE TABLE {raw} AS SELECT * FROM {rows}")  # noqa: S608
    personal = any(column.pii for column in dataset.columns.values())
    texts = TextTable(connection, quoted(raw), place, NoFormats(), dataset.timezone, personal)
    typed = texts.typed({n: column for n, column in dataset.columns.items() if n in names and not column.unit})
    values = (f"{typed[n].sql if n in typed else quoted(n)} AS {quoted(n)}" for n in names)
    connection.execute(f"CREATE TABLE {table} AS SELECT {', '.join(values)} FROM {raw}")  # noqa: S608
    connection.execute(f"DROP TABLE {raw}")
    readings = {name: each for name, each in typed.items() if each.attempt or each.format}
    return connection.table(table), SourceFiles(tuple(map(plain, files)), readings=readings)


def _keys(connection: "DuckDBPyConnection", paths: str) -> list[str]:
    """Return the keys of all objects, in the order they have in them."""
    objects = f"SELECT json_keys(json) AS keys FROM read_json_objects({paths}, format = 'auto')"  # noqa: S608
    places = f"SELECT unnest(keys) AS key, generate_subscripts(keys, 1) AS place FROM ({objects})"  # noqa: S608
    query = f"SELECT key FROM ({places}) GROUP BY key ORDER BY max(place), key"  # noqa: S608
    return [key for (key,) in connection.execute(query).fetchall()]
