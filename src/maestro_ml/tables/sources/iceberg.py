"""Iceberg tables, read by pyiceberg: of the files that can hold rows of a window, the columns that are wanted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import DataError, WrongSource
from maestro_ml.core.library_errors import text_of
from maestro_ml.project.sources import IcebergSource
from maestro_ml.tables.errors import MissingSource
from maestro_ml.tables.sources.batches import keep_batches
from maestro_ml.tables.sources.parts import clock, instant, is_read, last_before, ranges_read, reads_everything
from maestro_ml.tables.sources.times import Times

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project import Window
    from maestro_ml.project.datasets import Dataset

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = {"timestamptz": "instant", "timestamp": "time", "date": "date"}


@dataclass(frozen=True)
class IcebergTable:
    """An Iceberg table, in its current snapshot or in another, of which a dataset needs some columns and rows."""

    source: IcebergSource
    uri: str
    dataset: "Dataset"

    def read(
        self, connection: "DuckDBPyConnection", windows: "Sequence[Window] | None", most_rows: int | None = None
    ) -> "tuple[DuckDBPyRelation, tuple[str, ...], bool]":
        """Return rows (of windows, and some around them), the names of all columns, and whether rows were left out.

        Raises:
            MissingSource: there is no such table.
            DataError: there is no reader, the catalog cannot be reached, or the table cannot be read.
        """
        with self._refused():
            names = tuple(field.name for field in self._schema.fields)
            chosen = names if reads_everything(self.dataset) else tuple(filter(is_read(self.dataset), names)) or names
            condition = self._inside(windows)
            rows = self._rows(self._scan(condition, chosen))
            return keep_batches(connection, rows, self.uri, most_rows), names, condition is not None

    def count_times(self, end: datetime, latest: datetime) -> Times | None:
        """Count the event times of all rows by the bounds that the table keeps of each file, and read few files.

        Returns None where it keeps none.
        """
        from pyiceberg.expressions import And, GreaterThan, GreaterThanOrEqual, IsNull, LessThanOrEqual

        time, zone = self.dataset.timestamp, self.dataset.timezone or "UTC"
        if time is None or self._time is None:
            return None
        with self._refused():
            bounds = self._bounds()
            if bounds is None:
                return None
            last = last_before(end, self._time, zone)
            before = LessThanOrEqual(time, _written(last))
            whole = [high for _, high in bounds if high <= last]
            if any(low <= last < high for low, high in bounds):  # files of which some rows are before, and some not
                begin = And(before, GreaterThanOrEqual(time, _written(max(whole)))) if whole else before
                whole += [_highest(batch) for batch in self._rows(self._scan(begin, (time,))) if batch.num_rows]
            return Times(
                rows=self._scan(None, (time,)).count(),
                untimed=self._scan(IsNull(time), (time,)).count(),
                future=self._scan(GreaterThan(time, _written(clock(latest, self._time, zone))), (time,)).count(),
                oldest=instant(min((low for low, _ in bounds), default=None), zone),
                newest=instant(max(whole, default=None), zone),
            )

    def strays(self, connection: "DuckDBPyConnection", latest: datetime) -> "DuckDBPyRelation":
        """Return the rows without a time, and those later than `latest`."""
        from pyiceberg.expressions import GreaterThan, IsNull, Or

        time, zone = self.dataset.timestamp or "", self.dataset.timezone or "UTC"
        with self._refused():
            chosen = tuple(filter(is_read(self.dataset), (field.name for field in self._schema.fields)))
            later = GreaterThan(time, _written(clock(latest, self._time or "", zone)))
            return keep_batches(connection, self._rows(self._scan(Or(IsNull(time), later), chosen)), self.uri)

    @cached_property
    def _table(self) -> Any:
        from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

        if self.source.path:
            from pyiceberg.table import StaticTable

            return StaticTable.from_metadata(self.uri)
        from pyiceberg.catalog import load_catalog

        try:
            return load_catalog(self.source.catalog).load_table(self.source.table or "")
        except (NoSuchTableError, NoSuchNamespaceError) as error:
            raise MissingSource(f"{self.uri}: there is no such table") from error

    @cached_property
    def _schema(self) -> Any:
        """The schema of the snapshot."""
        wanted = self.source.snapshot
        if wanted is not None and self._table.snapshot_by_id(wanted) is None:
            known = ", ".join(str(snapshot.snapshot_id) for snapshot in self._table.snapshots()[-3:])
            raise WrongSource(f"{self.uri}: there is no snapshot {wanted}; the last are {known}")
        return self._scan(None, ("*",)).projection()

    @cached_property
    def _time(self) -> str | None:
        """What the event time is, in the words of `parts`; None where it is no time, or its type is not known here."""
        name = self.dataset.timestamp
        column = self.dataset.column(name) if name else None
        if column is None or column.format or column.unit:
            return None
        return next((_KINDS.get(str(field.field_type)) for field in self._schema.fields if field.name == name), None)

    def _scan(self, condition: Any, columns: tuple[str, ...]) -> Any:
        from pyiceberg.expressions import AlwaysTrue

        condition = AlwaysTrue() if condition is None else condition
        return self._table.scan(row_filter=condition, selected_fields=columns, snapshot_id=self.source.snapshot)

    def _rows(self, scan: Any) -> Any:
        """Return a reader of a scan's rows, one file after the other: a scan as such reads ahead without a limit."""
        import pyarrow as pa
        from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow

        schema = scan.projection()
        reading = ArrowScan(scan.table_metadata, scan.io, schema, scan.row_filter, scan.case_sensitive)
        batches = (batch for task in scan.plan_files() for batch in reading.to_record_batches([task]))
        target = schema_to_pyarrow(schema)
        return pa.RecordBatchReader.from_batches(target, batches).cast(target)

    def _inside(self, windows: "Sequence[Window] | None") -> Any:
        """Return the condition of the rows around windows; None for all rows."""
        from pyiceberg.expressions import AlwaysFalse, And, GreaterThanOrEqual, LessThanOrEqual, Or

        ranges, time = ranges_read(self.dataset, windows), self.dataset.timestamp
        if ranges is None or time is None or self._time is None:
            return None
        condition: Any = AlwaysFalse()
        for range_ in ranges:
            first, last = (_written(clock(moment, self._time, "UTC")) for moment in range_)
            condition = Or(condition, And(GreaterThanOrEqual(time, first), LessThanOrEqual(time, last)))
        return condition

    def _bounds(self) -> list[tuple[Any, Any]] | None:
        """Return the smallest and the largest event time of each file; None where the table does not keep them."""
        from pyiceberg.conversions import from_bytes

        field = self._schema.find_field(self.dataset.timestamp)
        found = []
        for task in self._scan(None, ("*",)).plan_files():
            low, high = (ends.get(field.field_id) for ends in (task.file.lower_bounds, task.file.upper_bounds))
            if task.delete_files or ((low is None or high is None) and not _is_empty(task.file, field.field_id)):
                return None
            if low is not None and high is not None:
                type_ = field.field_type
                found.append((self._moment(from_bytes(type_, low)), self._moment(from_bytes(type_, high))))
        return found

    def _moment(self, value: int) -> datetime | date:
        """Return a bound, which is kept as microseconds or days since 1970, as the column's values are."""
        if self._time == "date":
            return _EPOCH.date() + timedelta(days=value)
        moment = _EPOCH + timedelta(microseconds=value)
        return moment if self._time == "instant" else moment.replace(tzinfo=None)

    @contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except ImportError as error:
            raise DataError(f"{self.uri}: Iceberg tables are read by pip install 'maestro-ml[iceberg]'") from error
        except FileNotFoundError as error:
            raise MissingSource(f"no Iceberg table at {self.uri}: {text_of(error)}") from error
        except DataError:
            raise
        except Exception as error:  # each catalog has errors of its own
            raise DataError(f"{self.uri} cannot be read: {text_of(error)}") from error


def _highest(batch: Any) -> Any:
    import pyarrow.compute as pc

    return pc.max(batch.column(0)).as_py()


def _written(moment: Any) -> str:
    return str(moment.isoformat())


def _is_empty(file: Any, field: int) -> bool:
    """Return whether a file has no value of a field."""
    return bool((file.null_value_counts or {}).get(field) == file.record_count)
