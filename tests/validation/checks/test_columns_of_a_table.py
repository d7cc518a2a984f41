"""How many columns a table has, and in which order."""

import pytest

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


def test_a_table_without_rows_has_columns(check, events):
    frame = events(**FRAME).iloc[:0]
    assert not check(frame, check="column_count", min=4, max=4).violated
    assert not check(frame, check="column_order").violated
