"""What a predicate may do with a column is decided before the rows are read only where no row could change it."""

import pytest

from maestro_ml.sql.predicate_types import impossible_uses

TYPES = {"ok": "integer", "at": "timestamp", "day": "date", "said": "string", "price": "number"}


@pytest.mark.parametrize("text", ["ok", "price < 2 OR ok", "NOT ok", "at = said", "said < day", "said > '5'"])
def test_what_some_rows_allow_is_left_to_the_rows(text: str) -> None:
    assert [*impossible_uses(text, TYPES)] == []


@pytest.mark.parametrize(
    ("text", "column"), [("price", "price"), ("price < said", "price"), ("ok OR at", "at"), ("said = 5", "said")]
)
def test_what_no_row_allows_names_the_column(text: str, column: str) -> None:
    [(found, reason)] = impossible_uses(text, TYPES)
    assert found == column
    assert column in reason
