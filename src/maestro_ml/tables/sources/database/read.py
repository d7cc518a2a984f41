"""A table of a database, read through SQLAlchemy's drivers into Arrow."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import DataError, WrongSource
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_passwords
from maestro_ml.core.wording import plural
from maestro_ml.project.sources import SqlSource
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables.errors import MissingSource
from maestro_ml.tables.sources.database.columns import SqlColumn
from maestro_ml.tables.sources.database.parts import Part, time_column, times_of, times_query
from maestro_ml.tables.sources.database.types import decimal_of, kind_of_type
from maestro_ml.tables.sources.times import Times

if TYPE_CHECKING:
    from sqlalchemy import URL, Column, ColumnElement, Connection, Engine, Select, Table

    from maestro_ml.project import Project
    from maestro_ml.project.datasets import Dataset

ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class SqlRows:
    """Rows of a table.

    Attributes:
        rows: a pyarrow.Table.
        names: all columns of the table, also those that were not read.
        is_partial: whether the table has other rows.
    """

    rows: Any
    names: tuple[str, ...]
    is_partial: bool


def read_sql(
    source: SqlSource,
    root: Path,
    hidden: Callable[[str], bool] = lambda _: False,
    part: Part = Part(),  # noqa: B008
) -> SqlRows:
    """Read a table, or a part of it; a relative SQLite path starts at the project's folder.

    Args:
        hidden: whether no message may show the values of a column.

    Raises:
        MissingSource: there is no such database file, table or view.
        WrongSource: the url is none, or two columns differ in the case of their names only.
        DataError: the database cannot be reached, or holds what the declared type of a column cannot.
    """
    with _engine(source, root) as engine:
        return _read(engine, source, hidden, part)


def read_times(project: "Project", dataset: "Dataset", end: datetime, latest: datetime) -> Times | None:
    """Let the database count the event times of all rows; None where it cannot compare them.

    Args:
        end: the newest row before it is found.
        latest: rows after it are counted.
    """
    from sqlalchemy import MetaData, Table
    from sqlalchemy.exc import SQLAlchemyError

    source, zone = database_of(dataset), dataset.timezone or "UTC"
    with _engine(source, project.root) as engine:
        table = Table(source.table, MetaData(), schema=source.db_schema, autoload_with=engine)
        column = time_column(table, dataset.timestamp, engine.dialect.name)
        if column is None:
            return None
        try:
            with engine.connect() as connection:
                row = connection.execute(times_query(table, column, end, latest, zone)).one()
                return times_of(row, zone)
        except (SQLAlchemyError, ValueError, OverflowError):  # such as a time that Python has none for
            return None  # reading the rows will say what is wrong


@contextmanager
def _engine(source: SqlSource, root: Path) -> Iterator["Engine"]:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    url = url_of(source, root)
    where = f"table {source.table} at {without_passwords(repr(url))}"
    try:
        engine = create_engine(url)
    except (SQLAlchemyError, ImportError) as error:
        raise DataError(f"{where} cannot be reached: {text_of(error)}") from error
    try:
        with _refused(where):
            yield engine
    finally:
        engine.dispose()


def database_of(dataset: "Dataset") -> SqlSource:
    """Return the source of a dataset that is a table of a database; raises DataError if it is none."""
    if not isinstance(dataset.source, SqlSource):  # refused when the project is loaded
        raise DataError(f"engine: {dataset.engine} needs a source of kind sql")
    return dataset.source


def url_of(source: SqlSource, root: Path) -> "URL":
    """Return the URL of the source's database; raises DataError if it is not a URL, or not a file."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(source.url.get_secret_value())
    except ArgumentError as error:
        raise WrongSource(
            f"the url of table {source.table} is not a database URL, such as postgresql+psycopg://user@host/db"
        ) from error
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return url
    file = root / str(url.database)
    if not file.exists():  # SQLite would make an empty one
        raise MissingSource(f"table {source.table}: no SQLite file at {file}")
    return url.set(database=str(file))


@contextmanager
def _refused(where: str) -> Iterator[None]:
    """Turn whatever a driver raises into a DataError that names the table."""
    from sqlalchemy.exc import NoSuchTableError

    try:
        yield
    except NoSuchTableError as error:
        raise MissingSource(f"{where}: there is no such table or view") from error
    except DataError as error:
        raise type(error)(f"{where} cannot be read: {error}") from None
    except (ImportError, NameError, AttributeError, LookupError, AssertionError):  # mistakes of ours
        raise
    except Exception as error:  # each driver has errors of its own
        raise DataError(f"{where} cannot be read: {text_of(cause_of(error))}") from error


def cause_of(error: Exception) -> Exception:
    """Return the driver's own error, where SQLAlchemy wraps one: its text has no statement in it."""
    original = getattr(error, "orig", None)
    return original if isinstance(original, Exception) else error


def _read(engine: "Engine", source: SqlSource, hidden: Callable[[str], bool], part: Part) -> SqlRows:
    import pyarrow as pa
    from sqlalchemy import MetaData, Table

    table = Table(source.table, MetaData(), schema=source.db_schema, autoload_with=engine)
    chosen = part.chosen(table)
    _expect_different([column.name for column in chosen])
    condition = part.condition(table, engine.dialect.name)
    with engine.connect() as connection:
        words = _declared_words(connection, table)
        columns = [_column(column, words, engine, hidden, part.is_written) for column in chosen]
        _expect_finite(connection, chosen, condition)
        try:
            selected = _where(_selected(engine, *chosen), condition).limit(part.most_rows)
            for query in part.samples(selected, table, engine.dialect.name) or [selected]:
                for rows in _parts(connection, query):
                    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                        column.add(values)
        except DataError:
            raise
        except Exception as error:
            raise _blamed(engine, chosen, condition, error) from error
    rows = pa.table([column.array() for column in columns], names=[column.name for column in columns])
    return SqlRows(rows, tuple(column.name for column in table.columns), is_partial=condition is not None)


def _where(query: Any, condition: "ColumnElement[bool] | None") -> Any:
    return query if condition is None else query.where(condition)


def _parts(connection: "Connection", query: "Select[Any]") -> Iterator[Any]:
    streaming = connection.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE)
    yield from streaming.execute(query).partitions()


def _selected(engine: "Engine", *columns: "Column[Any]") -> "Select[Any]":
    """Select the columns as the driver gives them: SQLAlchemy's conversions round decimals and refuse some texts."""
    from sqlalchemy import Text, cast, select, type_coerce
    from sqlalchemy.types import NullType

    def raw(column: "Column[Any]") -> Any:
        # Intervals, ranges, addresses: their text is exact, what drivers make of them is not.
        as_text = engine.dialect.name != "sqlite" and kind_of_type(column.type) in ("other", "unknown")
        return type_coerce(cast(column, Text) if as_text else column, NullType()).label(column.name)

    return select(*map(raw, columns))


def _column(
    column: "Column[Any]",
    words: dict[str, str],
    engine: "Engine",
    hidden: Callable[[str], bool],
    is_written: Callable[[str], bool],
) -> SqlColumn:
    kind, word = kind_of_type(column.type), words.get(column.name)
    if word is None:
        declared = str(column.type.compile(engine.dialect)).partition(" COLLATE")[0] if kind != "unknown" else ""
        return SqlColumn(column.name, kind, declared, hidden(column.name), decimal_of(column.type))
    # What SQLite has no type for it keeps as it was given.
    foreign = kind == "decimal" and word.partition("(")[0].strip().upper() not in _SQLITE_NUMBERS
    foreign = foreign or kind == "other" or is_written(column.name)
    return SqlColumn(column.name, "unknown" if foreign else kind, word, hidden(column.name))


def _declared_words(connection: "Connection", table: "Table") -> dict[str, str]:
    """Return the types as they are written in SQLite's `CREATE TABLE`; none of another database."""
    if connection.dialect.name != "sqlite":
        return {}
    schema = f"{quoted(table.schema)}." if table.schema else ""
    rows = connection.exec_driver_sql(f"PRAGMA {schema}table_xinfo({quoted(table.name)})")
    return {row[1]: row[2] for row in rows}


def _expect_different(names: list[str]) -> None:
    """Refuse names that differ only in their case: DuckDB takes them for one."""
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise WrongSource(
                f"the columns {other} and {name} differ in the case of their names only; rename one in a view"
            )


def _expect_finite(
    connection: "Connection", columns: "Sequence[Column[Any]]", condition: "ColumnElement[bool] | None"
) -> None:
    """Refuse `infinity`: psycopg2 alone reads it as the last time there is."""
    from sqlalchemy import func, select

    if connection.dialect.driver != "psycopg2":
        return
    timed = [column for column in columns if kind_of_type(column.type) in ("time", "instant", "date")]
    if not timed:
        return
    counts = (func.count().filter(~func.isfinite(column)) for column in timed)
    for column, count in zip(timed, connection.execute(_where(select(*counts), condition)).one(), strict=True):
        if count:
            raise DataError(f"the column {column.name} holds infinity in {plural(count, 'row')}, which is no time")


def _blamed(
    engine: "Engine", columns: "Sequence[Column[Any]]", condition: "ColumnElement[bool] | None", error: Exception
) -> Exception:
    """Return the error with the name of the column that causes it, if one does."""
    from sqlalchemy import func, select

    queries: list[tuple[str | None, Any]] = [(None, select(func.count()).select_from(columns[0].table))]
    queries += [(f"{column.name} ({column.type})", _selected(engine, column)) for column in columns]
    for name, query in queries:
        try:
            with engine.connect() as connection:
                for _ in _parts(connection, _where(query, condition)):
                    pass
        except Exception as found:  # each driver has errors of its own
            return DataError(f"the column {name} cannot be read: {text_of(cause_of(found))}") if name else found
    return error


_SQLITE_NUMBERS = frozenset({"NUMERIC", "DECIMAL", "NUMBER"})
