"""How many event times of all rows there are, where a table is read in parts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from maestro_ml.project import Project
from maestro_ml.project.datasets import Column, Dataset
from maestro_ml.sql.identifiers import quoted, timestamp_literal, view_name
from maestro_ml.tables.sources.scan import count_times, iceberg_table, read_strays
from maestro_ml.tables.sources.times import Times

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from maestro_ml.tables.local import LocalTable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class DatabaseTimes:
    """Let the database of a table count event times."""

    connection: "DuckDBPyConnection"
    project: Project
    spec: Dataset

    def count(self, end: datetime, latest: datetime) -> Times | None:
        return count_times(self.project, self.spec, end, latest)

    def create_view_of_strays(self, name: str, latest: datetime) -> None:
        read_strays(self.connection, self.project, self.spec, latest).create_view(name, replace=True)


@dataclass(frozen=True)
class ReadTimes:
    """Count event times by reading their column alone."""

    table: "LocalTable"

    def count(self, end: datetime, latest: datetime) -> Times | None:
        time = self._times.event_time
        before = f"{time} < {timestamp_literal(end)}"
        fields = (
            "count(*)",
            f"count(*) FILTER ({time} IS NULL)",
            f"count(*) FILTER ({time} > {timestamp_literal(latest)})",
            f"epoch_us(min({time}))",
            f"epoch_us(max({time}) FILTER ({before}))",
        )
        view = view_name(self.table.name, "times")
        self._times.create_view(view)
        [(rows, untimed, future, oldest, newest)] = self._times.scan(f"SELECT {', '.join(fields)} FROM {quoted(view)}")  # noqa: S608
        moments = (None if value is None else _EPOCH + timedelta(microseconds=int(value)) for value in (oldest, newest))
        return Times(int(rows), int(untimed), int(future), *moments)

    @cached_property
    def _times(self) -> "LocalTable":
        """The table's times, without its other columns."""
        project, spec, name = self.table.project, self.table.spec, self.table.name
        assert project is not None
        time = spec.event_column
        declared = project.datasets[name].column(time) or Column(type="timestamp")
        nothing = {"checks": (), "keys": (), "drift": None, "anomalies": None, "reference": None}
        alone = project.datasets[name].model_copy(update={"columns": {time: declared}, **nothing})
        datasets = {**project.datasets, name: alone}
        return self.table.open_beside(project.model_copy(update={"datasets": datasets}), name)

    def create_view_of_strays(self, name: str, latest: datetime) -> None:  # noqa: ARG002
        self.table.rows(None).create_view(name, replace=True)


@dataclass(frozen=True)
class IcebergTimes(ReadTimes):
    """Count event times by what an Iceberg table keeps of its files, where that is enough."""

    def count(self, end: datetime, latest: datetime) -> Times | None:
        assert self.table.project is not None
        found = iceberg_table(self.table.project, self.table.spec).count_times(end, latest)
        return super().count(end, latest) if found is None else found

    def create_view_of_strays(self, name: str, latest: datetime) -> None:
        assert self.table.project is not None
        rows = iceberg_table(self.table.project, self.table.spec).strays(self.table.connection, latest)
        rows.create_view(name, replace=True)
