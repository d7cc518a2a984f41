"""Digests of a training set's content: equal for equal values, and different where one differs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from maestro_ml.features.row_digests import RowDigests, digests_of_rows
from maestro_ml.project import Window

START = datetime(2024, 1, 1, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(days=64))  # a part of the digests is a day


def table(**changed: list[object]) -> pa.Table:
    """Return two rows a day for two days."""
    columns = {
        "at": [START + timedelta(hours=12 * row) for row in range(4)],
        "number": [1.5, None, 3.0, 4.0],
        "text": ["a", "bc", None, ""],
        "flag": [True, False, None, True],
        "price": [Decimal("1.10"), None, Decimal("2.20"), Decimal("3.30")],
        "tags": [["x"], [], None, ["y", "z"]],
    }
    return pa.table(columns | changed)


def digests(rows: pa.Table) -> RowDigests:
    return digests_of_rows(rows, "at", WINDOW)


def test_equal_values_have_equal_digests_however_they_are_laid_out() -> None:
    rows = table()
    twice = pa.concat_tables([rows, rows])
    in_chunks = pa.concat_tables([rows.slice(0, 1), rows.slice(1)])
    encoded = rows.set_column(2, "text", rows["text"].dictionary_encode())
    assert digests(rows) == digests(in_chunks) == digests(twice.slice(4)) == digests(twice.slice(0, 4))
    assert digests(encoded).parts == digests(rows).parts


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("number", [1.5, None, 3.0, 4.0000001]),
        ("number", [1.5, 3.0, None, 4.0]),
        ("text", ["a", "bc", None, None]),
        ("text", ["ab", "c", None, ""]),
        ("flag", [True, False, None, False]),
        ("price", [Decimal("1.10"), None, Decimal("2.20"), Decimal("3.31")]),
        ("tags", [["x"], [], None, ["y"]]),
    ],
)
def test_a_changed_value_changes_the_digest_of_its_column_alone(name: str, values: list[object]) -> None:
    before, after = digests(table()), digests(table(**{name: values}))
    assert [column for column in before.columns if before.columns[column] != after.columns[column]] == [name]


def test_a_changed_value_changes_the_digest_of_its_part_of_the_window() -> None:
    before, after = digests(table()).parts, digests(table(number=[1.5, None, 3.0, 9.0])).parts
    assert [part.rows for part in before] == [2, 2]
    assert before[0] == after[0]
    assert (before[1].start, before[1].end) == (START + timedelta(days=1), START + timedelta(days=2))
    assert before[1].sha256 != after[1].sha256


def test_a_table_without_times_is_one_part() -> None:
    found = digests_of_rows(table(), None, WINDOW)
    assert [part.rows for part in found.parts] == [4]
