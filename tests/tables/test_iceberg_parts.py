"""Of an Iceberg table only the files and columns that a window needs are read; what is found is the same."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from written_tables import iceberg_table

from maestro_ml.project import Window
from maestro_ml.tables import DataError, open_dataset
from maestro_ml.validation import validate_dataset

NOW = datetime(2024, 12, 1, tzinfo=UTC)
DECEMBER = Window(datetime(2024, 11, 1, tzinfo=UTC), NOW)
COLUMNS = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
TIMES = {"timestamptz": pa.timestamp("us", "UTC"), "timestamp": pa.timestamp("us"), "date": pa.date32()}


def month(number: int, type_: pa.DataType, strays: int = 0) -> pa.Table:
    """Return a row for each hour of ten days of a month, and some without a time and far in the future."""
    moments = [datetime(2024, number, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(240)]
    moments += [datetime(2100, 1, 1, tzinfo=UTC)] * strays
    if pa.types.is_date(type_):
        moments = [moment.date() for moment in moments]
    elif type_.tz is None:
        moments = [moment.replace(tzinfo=None) for moment in moments]
    times = pa.array([*moments, *[None] * strays], type_)
    return pa.table({"at": times, "n": pa.array(range(len(times))), "wide": pa.array(["x" * 50] * len(times))})


@pytest.fixture
def tables(tmp_path, dataset_project):
    """Provide `tables(type, **dataset)`: the same twelve months as an Iceberg table of twelve files, and as a
    Parquet file.
    """

    def written(kind: str = "timestamptz", *, strays: int = 0, **given):
        months = [month(number, TIMES[kind], strays if number == 6 else 0) for number in range(1, 13)]
        table = iceberg_table(tmp_path, months[0])
        for rows in months[1:]:
            table.append(rows)
        pq.write_table(pa.concat_tables(months), tmp_path / "t.parquet")
        given = {"timestamp": "at", "columns": COLUMNS, "window": "30d", "timezone": "UTC", **given}
        sources = {"kind": "iceberg", "path": table.metadata_location}, {"kind": "parquet", "path": "t.parquet"}
        return [dataset_project(source=source, **given) for source in sources], table

    return written


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("timestamptz", {"reference": {"kind": "previous"}, "drift": {"columns": ["n"]}}),
        ("timestamptz", {"strays": 3, "timezone": "America/New_York"}),
        ("timestamp", {"strays": 3, "timezone": "Asia/Tokyo"}),
        ("date", {"strays": 3}),
    ],
)
def test_a_validation_finds_what_it_finds_in_parquet(tables, kind, given):
    columns = {"at": {"type": "date" if kind == "date" else "timestamp"}, "n": {"type": "integer"}}
    checks = [{"check": "range", "column": "n", "max": 238}]
    projects, _ = tables(kind, columns=columns, checks=checks, freshness={"max_age": "1d"}, **given)
    reports = [validate_dataset(project, "events", DECEMBER, now=NOW) for project in projects]
    found, expected = ([f.model_dump(exclude={"sample"}) for f in report.findings] for report in reports)
    assert found == expected
    assert (reports[0].rows, reports[0].newest) == (reports[1].rows, reports[1].newest)


def keep(table, *months: int) -> None:
    """Remove the files of all other months."""
    for file in table.inspect.files().to_pylist():
        first = file["readable_metrics"]["at"]["lower_bound"]
        if first.month not in months:
            Path(urlsplit(file["file_path"]).path).unlink()


def test_only_the_files_and_columns_of_the_window_are_read(tables):
    (project, _), written = tables()
    keep(written, 11, 12)
    with open_dataset(project, "events", [DECEMBER]) as table:
        assert len(table.rows(DECEMBER)) == 240
        assert (table.relation.columns, table.unread) == (["at", "n"], ("wide",))


def test_a_validation_reads_no_other_files(tables):
    (project, _), written = tables()
    keep(written, 11, 12)
    assert validate_dataset(project, "events", DECEMBER, now=NOW).rows == 240


def test_rows_in_no_window_are_counted_and_shown(tables):
    (project, _), _ = tables(strays=2)
    report = validate_dataset(project, "events", DECEMBER, now=NOW)
    found = {finding.check: finding for finding in report.findings}
    assert "2 of all 2,884 rows have no event time" in found["untimed"].message
    assert found["future"].violated
    assert found["future"].sample


def test_where_rows_were_deleted_all_times_are_read(tables):
    (project, _), table = tables()
    table.delete("at >= '2024-12-05T00:00:00+00:00'")
    spec = project.datasets["events"]
    source = spec.source.model_copy(update={"path": table.metadata_location})
    project = project.model_copy(update={"datasets": {"events": spec.model_copy(update={"source": source})}})
    late = Window(datetime(2024, 11, 15, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC))
    assert validate_dataset(project, "events", late, now=NOW).newest == datetime(2024, 12, 4, 23, tzinfo=UTC)


def test_a_snapshot_that_is_not_there_is_named(tables, dataset_project):
    _, table = tables()
    source = {"kind": "iceberg", "path": table.metadata_location, "snapshot": 7}
    project = dataset_project(source=source, timestamp="at", columns=COLUMNS)
    with (
        pytest.raises(DataError, match="there is no snapshot 7; the last are") as caught,
        open_dataset(project, "events"),
    ):
        pass
    assert caught.value.exit_code == 2


def test_a_time_before_and_after_the_first_row(tables):
    (project, _), _ = tables("date", columns={"at": {"type": "date"}, "n": {"type": "integer"}})
    with open_dataset(project, "events", [DECEMBER]) as table:
        early = table.time_counter.count(datetime(2024, 1, 1, tzinfo=UTC), NOW)
        assert (early.newest, early.oldest.date(), early.rows) == (None, date(2024, 1, 1), 2880)
        middle = table.time_counter.count(datetime(2024, 6, 4, tzinfo=UTC), NOW)
        assert middle.newest.date() == date(2024, 6, 3)
