from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from postgres_server import running_postgres
from written_tables import COLUMNS

from maestro_ml.project import Window
from maestro_ml.tables import open_dataset

CONTRACT = {
    "at": {"type": "timestamp"},
    "zip": {"type": "string"},
    "amount": {"type": "number"},
    "paid": {"type": "boolean"},
    "note": {"type": "number"},
}


@pytest.fixture
def january() -> Window:
    return Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))


@pytest.fixture
def load(dataset_project: Callable) -> Callable:
    """Provide types and every row of a source, as the dataset `events` with a common contract."""

    def read(source: dict, **dataset: object) -> tuple[dict[str, str], list[tuple]]:
        given = {"timestamp": "at", "columns": CONTRACT} | dataset
        with open_dataset(dataset_project(source=source, **given), "events") as opened:
            return opened.types, opened.relation.fetchall()

    return read


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """Provide an empty PostgreSQL."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def column(tmp_path, load):
    """Provide `column(type, *values)`: the DuckDB type and the values (nanoseconds as text) of one column, quoted
    in the file.
    """

    def read(type_: str, *values: str, pii: bool = False, source: dict | None = None, **dataset: object):
        rows = "".join(f'"{value}",x\n' for value in values)
        (tmp_path / "events.csv").write_text(f"value,zip\n{rows}", encoding="utf-8")
        columns = {"value": {"type": type_, "pii": pii}, "at": {"type": "timestamp", "required": False}}
        given = {"kind": "csv", "path": "events.csv", **(source or {})}
        types, found = load(given, columns=columns, **dataset)
        return types["value"], [row[0] for row in found]

    return read


@pytest.fixture
def table_of(dataset_project):
    """Provide `table_of(source, columns)`: the open table, as a context."""

    def opened(source, columns=COLUMNS, **dataset):
        given = {name: {"type": type_} for name, type_ in columns.items()}
        timestamp = {"timestamp": "at"} if "at" in columns else {}
        return open_dataset(dataset_project(source=source, columns=given, **timestamp | dataset), "events")

    return opened
