"""The rows a violated check shows."""

import pytest

from maestro_ml.core.findings import ShownRows

KEYED = {"keys": ["k"]}


def test_failing_rows_are_shown_with_their_key_and_time(check, events):
    frame = events(k=["a", "b", "c"], n=[1, -5, None])
    found = check(frame, KEYED, check="range", column="n", min=0)
    assert found.sample == ShownRows(columns=("k", "at", "n"), rows=(("b", "2024-01-01 01:00:00+00", "-5.0"),))


def test_rows_without_a_value_are_shown(check, events):
    frame = events(k=["a", "b", "c"], n=[1.0, None, float("nan")], s=["x", None, "z"])
    found = check(frame, KEYED, check="missing", column="s")
    assert found.sample == ShownRows(columns=("k", "at", "s"), rows=(("b", "2024-01-01 01:00:00+00", None),))
    found = check(frame, KEYED, check="missing", column="n", max_count=1)
    assert found.sample
    assert [row[0] for row in found.sample.rows] == ["b", "c"]
    assert check(frame, KEYED, check="missing", column="n", max_count=2).sample is None


def test_rows_that_are_null_against_the_contract_are_shown(judge, events, pick):
    columns = {"at": {"type": "timestamp"}, "k": {"type": "string"}, "n": {"type": "number", "nullable": False}}
    frame = events(k=["a", "b", "c"], n=[1.0, None, 2.0])
    report = judge(frame, "schema", columns=columns, keys=["k"])
    assert pick(report, "nullable").sample == ShownRows(
        columns=("k", "at", "n"), rows=(("b", "2024-01-01 01:00:00+00", None),)
    )


def test_at_most_five_and_only_those_that_fail(check, events):
    found = check(events(k=range(100), n=[-1, 1] * 50), KEYED, check="range", column="n", min=0, where="k < 50")
    assert found.sample
    assert len(found.sample.rows) == 5
    assert all(int(k) < 50 and int(k) % 2 == 0 and n == "-1" for k, _, n in found.sample.rows)


def test_a_check_that_passes_shows_none(check, events):
    assert check(events(n=[1, -1]), check="range", column="n", min=0, max_count=1).sample is None


def test_personal_values_are_hidden_and_missing_ones_are_not(judge, events, pick):
    columns = {
        "at": {"type": "timestamp"},
        "name": {"type": "string", "pii": True},
        "age": {"type": "integer", "pii": True},
    }
    frame = events(name=["Ada", None, "Bob"], age=[20417, 30513, 30])
    checks = [
        {"check": "range", "column": "age", "max": 120},
        {"check": "unique", "columns": ["name"], "where": "name IS NOT NULL"},
        {"check": "regex", "column": "name", "pattern": "B.*"},
        {"check": "predicate", "sql": "cast(name AS int) > 0"},
        {"check": "allowed", "column": "name", "values": ["Bob"]},
    ]
    report = judge(frame, "quality", checks=checks, columns=columns)
    sample = pick(report, "range").sample
    assert sample == ShownRows(
        columns=("at", "age"), rows=(("2024-01-01 00:00:00+00", "•••"), ("2024-01-01 01:00:00+00", "•••"))
    )
    assert pick(report, "predicate").message == "could not be checked: ConversionException"
    explanation = report.model_dump_json(exclude={"configuration"})
    assert not [secret for secret in ("Ada", "20417", "30513") if secret in explanation]


@pytest.mark.parametrize(
    ("declared", "columns"),
    [
        ({"check": "unique", "columns": ["n"]}, ("n",)),
        ({"check": "duplicate_rows"}, ("at", "n", "m")),
        ({"check": "compare", "left": "n", "operator": "<", "right": "m"}, ("at", "n", "m")),
        ({"check": "predicate", "sql": "m > 1"}, ("at", "m")),
        ({"check": "monotonic", "column": "m", "strict": True}, ("at", "m")),
        ({"check": "allowed", "column": "n", "values": [5]}, ("at", "n")),
    ],
)
def test_every_kind_of_check_shows_its_columns(check, events, declared, columns):
    frame = events(n=[1, 1, 1], m=[1, 1, 1])
    frame["at"] = frame["at"].iloc[0]
    found = check(frame, **declared)
    assert found.sample
    assert found.sample.columns == columns
    assert found.sample.rows
    assert {len(row) for row in found.sample.rows} == {len(columns)}


def test_long_texts_are_cut(check, events):
    found = check(events(s=["x" * 1000]), check="length", column="s", max=3)
    assert found.sample
    assert len(found.sample.rows[0][1]) == 200
