"""What looks wrong with a table: every kind of oddity with its words, at its limits, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from maestro_ml.core.results import Count
from maestro_ml.starting.columns import described
from maestro_ml.starting.oddities import oddities

Found = list[tuple[str, str | None, str]]


@pytest.fixture
def odd(tmp_path: Path):
    """Provide `odd(text, **source)`: the check, column and message of everything that looks wrong."""

    def seen(text: str, **source: Any) -> Found:
        (tmp_path / "t.csv").write_text(text)
        with described({"kind": "csv", "path": str(tmp_path / "t.csv"), **source}) as (table, found):
            findings = list(oddities(table, found))
        assert {(each.stage, each.severity, each.violated) for each in findings} <= {("quality", "warn", True)}
        for each in findings:
            if each.check in ("mostly_missing", "mixed_types", "duplicate_rows"):
                assert isinstance(each.result, Count)
                assert each.message.startswith(f"{each.result.count} of {each.result.rows} ")
        return [(each.check, each.column, each.message) for each in findings]

    return seen


def test_a_usual_table_has_none(odd) -> None:
    assert odd("id,x,y\n1,a,1\n2,b,1\n3,a,2\n") == []


def test_of_a_table_without_a_row_nothing_else_is_said(odd) -> None:
    assert odd("1.5,x\n") == [("rows_missing", None, "the table has no row")]


def test_a_first_line_of_values(odd) -> None:
    [first, *_] = odd("1.5,x,2\n1.5,a,3\n2.5,b,4\n")
    assert first == ("header", None, "the first line looks like a row, not like names of columns: 1.5, 2")
    assert odd("1.5,x\n2.5,y\n", header=False) == [
        ("header", None, "the first line looks like a row: it is read as one, and the columns are called column0, ...")
    ]


def test_columns_that_say_nothing(odd) -> None:
    assert odd("id,empty,one\n1,,7\n2,,7\n") == [
        ("empty_column", "empty", "holds no value"),
        ("constant_column", "one", "holds one value only, 7"),
    ]
    assert odd("id,one\n1,7\n") == []  # of one row every column holds one value


def test_a_long_value_is_cut(odd) -> None:
    assert odd(f"id,one\n1,{'x' * 50}\n2,{'x' * 50}\n") == [
        ("constant_column", "one", f"holds one value only, '{'x' * 38}…")
    ]
    assert odd(f"id,one\n1,{'x' * 38}\n2,{'x' * 38}\n")[0][2] == f"holds one value only, '{'x' * 38}'"


@pytest.mark.parametrize(("missing", "said"), [(2, []), (3, ["3 of 5 (60.00 %) missing"])])
def test_more_than_half_of_a_column_is_missing(odd, missing: int, said: list[str]) -> None:
    values = [*[""] * missing, "a", "b"]
    rows = "".join(f"{n},{value}\n" for n, value in enumerate(values))
    assert [message for check, _, message in odd(f"id,x\n{rows}") if check == "mostly_missing"] == said


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{n}", "whole numbers"),
        ("{n}.5", "numbers"),
        ("2024-01-{n:02}", "dates"),
        ("2024-01-{n:02} 10:00:00", "times"),
    ],
)
def test_values_of_another_kind(odd, value: str, words: str) -> None:
    rows = "".join(f"{value.format(n=n)};{n}\n" for n in range(1, 20))
    found = odd(f"x;id\n{rows}what;20\n", delimiter=";")
    assert found == [("mixed_types", "x", f"1 of 20 (5.00 %) values are no {words}, as the others are: 'what'")]


def test_a_word_for_a_missing_value_among_others(odd) -> None:
    found = odd("id,x\n1,red\n2,red\n3,blue\n4,n/a\n")
    assert found == [("missing_marker", "x", "'n/a' is read as a missing value, not as a text like the others")]


def test_columns_and_rows_that_repeat(odd) -> None:
    assert odd("id,x,y\n1,a,a\n2,b,b\n3,a,a\n") == [("duplicate_column", "y", "has the same values as 'x'")]
    assert odd("id,x,y\n1,a,a\n2,b,b\n3,a,b\n") == []  # as many, from the same to the same
    assert odd("x,y\na,1\na,1\nb,2\na,2\n") == [("duplicate_rows", None, "1 of 4 (25.00 %) rows repeat an earlier one")]
