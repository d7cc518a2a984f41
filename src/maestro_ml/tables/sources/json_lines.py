"""JSON: an object a line, or an array of objects. Fields are read as text and typed by the contract, as in CSV."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.project.datasets import Dataset
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.tables.errors import reason, unreadable
from maestro_ml.tables.sources.csv.columns import TextTable
from maestro_ml.tables.sources.declared_times import NoFormats
from maestro_ml.tables.sources.distinct_names import expect_distinct
from maestro_ml.tables.sources.file_names import plain, short
from maestro_ml.tables.sources.schema import SourceFiles

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def read_json_lines(
    connection: "DuckDBPyConnection", files: Sequence[str], place: str, dataset: Dataset
) -> "tuple[DuckDBPyRelation, SourceFiles]":
    """Return the objects of the files as rows; of several files, those that cannot be read are left out.

    A nested value is its JSON as text.

    Raises:
        DataError: no object has a key, and no contract names any; or a row is no object.
        WrongSource: two keys differ in their case only.
        DuckDB's errors: a file is no JSON.
    """
    refusals: tuple[type[Exception], ...] = (DataError, *unreadable())
    refused = {}
    try:
        found = _keys(connection, files)
    except refusals:
        refused = _refused(connection, files) if len(files) > 1 else {}
        if not refused or len(refused) == len(files):
            raise
        files = [file for file in files if plain(file) not in refused]
        found = _keys(connection, files)
    paths = _listed(files)
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
    return connection.table(table), SourceFiles(tuple(map(plain, files)), refused, readings=readings)


def _listed(files: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, files))}]"


def _keys(connection: "DuckDBPyConnection", files: Sequence[str]) -> list[str]:
    """Return the keys of all objects, in the order they have in them; raises DataError if a row is no object."""
    keys = "CASE json_type(json) WHEN 'OBJECT' THEN json_keys(json) ELSE [NULL] END"
    objects = f"SELECT {keys} AS keys FROM read_json_objects({_listed(files)}, format = 'auto')"  # noqa: S608
    places = f"SELECT unnest(keys) AS key, generate_subscripts(keys, 1) AS place FROM ({objects})"  # noqa: S608
    query = f"SELECT key FROM ({places}) GROUP BY key ORDER BY max(place), key"  # noqa: S608
    found = [key for (key,) in connection.execute(query).fetchall()]
    if None in found:
        raise DataError(f'{short(files[0])} cannot be read: a row is an object such as {{"id": 1}}, and not all are')
    return found


def _refused(connection: "DuckDBPyConnection", files: Sequence[str]) -> dict[str, str]:
    """Return why files cannot be read, by their names."""
    refusals: tuple[type[Exception], ...] = (DataError, *unreadable())
    refused = {}
    for file in files:
        try:
            _keys(connection, [file])
        except refusals as error:
            refused[plain(file)] = reason(error)
    return refused
