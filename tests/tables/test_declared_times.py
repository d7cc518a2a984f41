"""Times that a source keeps as text or as numbers."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from maestro_ml.project import ProjectError, Window
from maestro_ml.tables import NoEventTime, open_dataset

MOMENT = datetime(2024, 1, 31, 6, 30, 15, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())


@pytest.fixture
def opened(tmp_path, dataset_project):
    """Provide `opened(values, kind=..., **column)`: the table with these values in its event time `at`, as a
    context.
    """

    def table(values: list, kind: str = "parquet", dataset: dict | None = None, **column: object):
        frame = pd.DataFrame({"at": values, "x": range(len(values))})
        source = {"kind": kind, "path": f"t.{kind}"}
        if kind == "parquet":
            frame.to_parquet(tmp_path / "t.parquet")
        elif kind == "csv":
            frame.to_csv(tmp_path / "t.csv", index=False)
        else:
            source = {"kind": "sql", "url": "sqlite:///t.db", "table": "t"}
            with closing(sqlite3.connect(tmp_path / "t.db")) as connection:
                frame.to_sql("t", connection, index=False)
        columns = {"at": {"type": "timestamp"} | column, "x": {"type": "integer"}}
        return open_dataset(
            dataset_project(source=source, timestamp="at", columns=columns, **(dataset or {})), "events"
        )

    return table


def instants(table) -> list:
    return [moment for (moment,) in table.relation.project(table.event_time).fetchall()]


EVERYWHERE = pytest.mark.parametrize("kind", ["parquet", "csv", "sql"])


@EVERYWHERE
@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        ("2024-01-31 06:30:15", {"format": "iso8601"}, MOMENT),
        ("2024-01-31T06:30:15Z", {"format": "iso8601"}, MOMENT),
        ("31.01.2024 06:30:15", {"format": "%d.%m.%Y %H:%M:%S"}, MOMENT),
        ("31/01/2024 08:30:15 +0200", {"format": "%d/%m/%Y %H:%M:%S %z"}, MOMENT),
        (20240131, {"format": "%Y%m%d"}, datetime(2024, 1, 31, tzinfo=UTC)),
        (SECONDS, {"unit": "s"}, MOMENT),
        (SECONDS * 1000 + 7, {"unit": "ms"}, MOMENT.replace(microsecond=7000)),
        (SECONDS * 1_000_000 + 7, {"unit": "us"}, MOMENT.replace(microsecond=7)),
        (SECONDS * 1_000_000_000, {"unit": "ns"}, MOMENT),
        (SECONDS // 86400, {"unit": "days"}, datetime(2024, 1, 31, tzinfo=UTC)),
        (2024, {"unit": "year"}, datetime(2024, 1, 1, tzinfo=UTC)),
        (-1, {"unit": "s"}, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_they_are_read_as_the_column_says(opened, kind, value, column, expected):
    with opened([value, value], kind, **column) as table:
        assert instants(table) == [expected, expected]
        day = datetime(expected.year, expected.month, expected.day, tzinfo=UTC)
        assert len(table.rows(Window(day, day.replace(hour=23, minute=59, second=59, microsecond=999999)))) == 2


def test_seconds_with_a_fraction_are_exact_to_the_microsecond(opened):
    with opened([SECONDS + 0.25, SECONDS + 0.5], unit="s") as table:
        assert [moment.microsecond for moment in instants(table)] == [250_000, 500_000]


def test_nanoseconds_are_kept(opened):
    with opened([SECONDS * 10**9 + 1], unit="ns") as table:
        assert table.relation.project('epoch_ns("at")').fetchall() == [(SECONDS * 10**9 + 1,)]


def test_a_local_clock_is_read_in_the_timezone_of_the_dataset(opened):
    with opened(["2024-01-31 07:30:15"], format="iso8601", dataset={"timezone": "Europe/Berlin"}) as table:
        assert instants(table) == [MOMENT]


def test_a_date_can_be_counted_too(tmp_path, dataset_project):
    pd.DataFrame({"day": [19753], "year": [2024], "text": ["31.01.2024"]}).to_parquet(tmp_path / "t.parquet")
    columns = {
        "day": {"type": "date", "unit": "days"},
        "year": {"type": "date", "unit": "year"},
        "text": {"type": "date", "format": "%d.%m.%Y"},
    }
    with open_dataset(dataset_project(source={"kind": "parquet", "path": "t.parquet"}, columns=columns), "events") as t:
        assert t.relation.fetchall() == [(date(2024, 1, 31), date(2024, 1, 1), date(2024, 1, 31))]


@pytest.mark.parametrize(
    ("values", "column"),
    [(["2024-01-31", "soon"], {"format": "iso8601"}), ([2024, 99999], {"unit": "year"}), ([1, 2**62], {"unit": "s"})],
)
def test_a_column_with_a_value_that_cannot_be_read_stays_and_the_finding_shows_it(judge_types, values, column):
    finding = judge_types(values, column)
    assert finding.violated
    assert "1 of 2 (50.00 %) values cannot be read as timestamp" in finding.message
    assert repr(str(values[1])) in finding.message


def test_texts_that_are_times_name_the_key_that_reads_them(judge_types):
    finding = judge_types(["2024-01-30", "2024-01-31"], {})
    assert finding.violated
    assert finding.message.endswith("all 2 values can be read as timestamp; `format: iso8601` of the column reads them")


@pytest.fixture
def judge_types(tmp_path, dataset_project):
    from maestro_ml.validation import validate_dataset

    def judged(values: list, column: dict):
        pd.DataFrame({"at": values}).to_parquet(tmp_path / "t.parquet")
        columns = {"at": {"type": "timestamp"} | column}
        project = dataset_project(source={"kind": "parquet", "path": "t.parquet"}, timestamp="at", columns=columns)
        report = validate_dataset(project, "events", Window(MOMENT.replace(day=1), MOMENT))
        return next(f for f in report.findings if f.check == "type")

    return judged


def test_text_without_a_format_is_no_time_and_the_message_names_the_keys(opened):
    with opened(["2024-01-31"], "sql") as table, pytest.raises(NoEventTime, match="`format` or `unit` of the column"):
        instants(table)


@pytest.mark.parametrize(
    ("column", "part"),
    [
        ({"type": "string", "format": "iso8601"}, "format is of dates and times, and the column is string"),
        ({"type": "integer", "unit": "s"}, "unit is of dates and times, and the column is integer"),
        ({"type": "timestamp", "format": "iso8601", "unit": "s"}, "not both"),
        ({"type": "timestamp", "format": "%H:%M"}, "does not say where the day stands"),
        ({"type": "timestamp", "format": "%m/%Y %H:%M"}, "does not say where the day stands"),
        ({"type": "date", "format": "%d.%m."}, "does not say where the year stands"),
        ({"type": "timestamp", "unit": "minutes"}, "'year'"),
    ],
)
def test_what_cannot_be_is_refused(dataset_project, column, part):
    with pytest.raises(ProjectError) as caught:
        dataset_project(source={"kind": "parquet", "path": "t.parquet"}, columns={"at": column})
    assert part in str(caught.value)


def test_other_engines_do_not_read_them(dataset_project):
    source = {"kind": "sql", "url": "postgresql://x/y", "table": "t"}
    with pytest.raises(ProjectError, match="engine: postgres: unit needs engine: duckdb"):
        dataset_project(source=source, engine="postgres", columns={"at": {"type": "date", "unit": "days"}})
