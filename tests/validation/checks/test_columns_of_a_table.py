"""How many columns a table has, which, and in which order."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from maestro_ml.project import ProjectError, Window
from maestro_ml.validation import validate_dataset

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))

FRAME = {"x": [1], "s": ["a"], "more": [2]}
COLUMNS = {"at": {"type": "timestamp"}, "x": {"type": "integer"}, "s": {"type": "string"}}


@pytest.mark.parametrize(
    ("bounds", "violated"),
    [({"min": 4, "max": 4}, False), ({"min": 5}, True), ({"max": 3}, True), ({"min": 1}, False)],
)
def test_columns_are_counted_also_those_the_contract_does_not_name(check, events, bounds, violated):
    found = check(events(**FRAME), {"columns": COLUMNS}, check="column_count", **bounds)
    assert (found.violated, found.numbers["columns"], found.sample) == (violated, 4, None)


def test_the_count_says_what_was_wanted(check, events):
    found = check(events(**FRAME), {"columns": COLUMNS}, check="column_count", min=5, max=6)
    assert found.message == "4 columns (at least 5, at most 6)"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["at", "x", "s", "more"], "the 4 columns are in order"),
        (["at", "s", "x", "more"], "column 2 is x, and should be s"),
        (["at", "x", "s"], "column 4 is more, and there should be none"),
        (["at", "x", "s", "more", "last"], "there is no column 5; it should be last"),
        ([], "column 4 is more, and there should be none"),
    ],
)
def test_columns_are_those_that_are_named_in_their_order(check, events, columns, message):
    found = check(events(**FRAME), {"columns": COLUMNS}, check="column_order", columns=columns)
    assert (found.message, found.violated) == (message, "are in order" not in message)


def test_the_order_is_that_of_the_contract_unless_given(check, events):
    assert not check(
        events(**FRAME), {"columns": {**COLUMNS, "more": {"type": "integer"}}}, check="column_order"
    ).violated


def test_a_column_that_is_not_required_may_be_left_out_of_the_order(check, events):
    columns = {"at": COLUMNS["at"], "gone": {"type": "string", "required": False}, "x": {"type": "number"}}
    columns |= {"s": {"type": "string"}, "more": {"type": "integer"}}
    assert not check(events(**FRAME), {"columns": columns}, check="column_order").violated


def test_a_table_without_rows_has_columns(check, events):
    frame = events(**FRAME).iloc[:0]
    assert not check(frame, check="column_count", min=4, max=4).violated
    assert not check(frame, check="column_order").violated


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"columns": ["s", "at"]}, "the 4 columns are as agreed"),
        ({"columns": ["s", "colour", "S"]}, "there is no 'colour', 'S'"),
        ({"columns": ["more", "s", "x", "at"], "exact": True}, "the 4 columns are as agreed"),
        ({"columns": ["at", "x"], "exact": True}, "not expected: 's', 'more'"),
        ({"absent": ["m*", "y"]}, "there should be no 'more'"),
        ({"columns": ["y"], "absent": ["more"], "exact": True}, "there is no 'y'; there should be no 'more'; "),
    ],
)
def test_named_columns_are_there_in_any_order_and_unwanted_ones_are_not(check, events, wanted, message):
    found = check(events(**FRAME), {"columns": COLUMNS}, check="has_columns", **wanted)
    assert str(found.message).startswith(message)
    assert found.violated == ("as agreed" not in message)


@pytest.mark.parametrize("wanted", [{}, {"exact": True}, {"columns": ["x"], "where": "x > 0"}])
def test_has_columns_names_columns_and_looks_at_no_rows(dataset_project, wanted):
    source = {"kind": "parquet", "path": "x.parquet"}
    with pytest.raises(ProjectError, match=r"has_columns|exact"):
        dataset_project(source=source, checks=[{"check": "has_columns", **wanted}])


@pytest.mark.parametrize(
    "check", [{"check": "column_count", "min": 3, "max": 3}, {"check": "has_columns", "columns": ["id", "unused"]}]
)
def test_columns_of_a_database_that_nothing_reads_are_there(tmp_path, dataset_project, check):
    with closing(sqlite3.connect(tmp_path / "now.db")) as connection:
        connection.executescript("CREATE TABLE t (id INT, name TEXT, unused TEXT); INSERT INTO t VALUES (1, 'a', 'b')")
    source = {"kind": "sql", "url": f"sqlite:///{tmp_path}/now.db", "table": "t"}
    project = dataset_project(source=source, columns={"id": {"type": "integer"}}, checks=[check])
    report = validate_dataset(project, "events", JANUARY, ("quality",))
    [found] = [finding for finding in report.findings if finding.check == check["check"]]
    assert not found.violated, found.message
