import pandas as pd
import pytest


@pytest.fixture
def schema(judge):
    return lambda frame, **dataset: judge(frame, "schema", **dataset)


def test_a_table_as_agreed_passes(schema, events):
    report = schema(events(n=[1, 2], name=["a", "b"]))
    assert report.verdict == "pass"
    assert {f.check for f in report.findings} == {"type", "extra"}


def test_a_missing_column_is_an_error_unless_it_is_optional(schema, events, pick):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}, "m": {"type": "integer", "required": False}}
    report = schema(events(x=[1]).drop(columns="x"), columns=columns)
    assert report.verdict == "fail"
    assert pick(report, "required", "n").violated
    assert not pick(report, "required", "m").violated


@pytest.mark.parametrize(("extra", "verdict"), [("allow", "pass"), ("warn", "warn"), ("error", "fail")])
def test_extra_columns_as_the_project_says(schema, events, pick, extra, verdict):
    columns = {"at": {"type": "timestamp"}}
    report = schema(events(n=[1], m=[2]), columns=columns, extra_columns=extra)
    assert report.verdict == verdict
    assert pick(report, "extra").message == "not in the contract: n, m"


@pytest.mark.parametrize(
    ("values", "contract", "ok"),
    [
        (pd.array([1, 2], "int8"), "integer", True),
        (pd.array([1, 2], "int32"), "number", True),
        (pd.array([1.5, 2.5]), "integer", False),
        (pd.array([1, 2]), "string", False),
        (["a", "b"], "integer", False),
        (pd.array([True, False]), "boolean", True),
        (pd.array([1, 0]), "boolean", False),
        (pd.Categorical(["a", "b"]), "string", True),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]).date, "timestamp", True),
        (pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True), "date", False),
        ([[1], [2]], "integer", False),
    ],
)
def test_only_a_type_that_widens_without_loss_is_compatible(schema, events, pick, values, contract, ok):
    columns = {"at": {"type": "timestamp"}, "n": {"type": contract}}
    found = pick(schema(events(n=values), columns=columns), "type", "n")
    assert found.violated is not ok
    assert (
        f"the contract says {contract}" not in found.message if ok else f"the contract says {contract}" in found.message
    )


def test_text_in_a_column_of_numbers_is_counted(schema, events, pick):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "number"}}
    found = pick(schema(events(n=["1", "2.5", "oops", None]), columns=columns), "type", "n")
    unreadable = "1 of 3 (33.33 %) values cannot be read as number, such as 'oops'"
    assert found.message == f"string (VARCHAR); the contract says number: {unreadable}"
    assert found.numbers["foreign"] == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [("csv", "n\n1\n1.5\n\n2e0\n"), ("json", '{"n": 1}\n{"n": 1.5}\n{"n": null}\n{"n": "2e0"}\n')],
)
def test_fractions_among_whole_numbers_are_counted(judge, tmp_path, pick, kind, text):
    (tmp_path / "t").write_text(text)
    source = {"kind": kind, "path": "t"}
    found = pick(judge(None, "schema", source=source, timestamp=None, columns={"n": {"type": "integer"}}), "type", "n")
    unreadable = "1 of 3 (33.33 %) values cannot be read as integer, such as '1.5'"
    assert found.message == f"number (DOUBLE); the contract says integer: {unreadable}"


def test_a_column_without_any_value_has_every_type(schema, events, pick):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    assert not pick(schema(events(n=[None, None]), columns=columns), "type", "n").violated


def test_nulls_are_counted_in_the_window_only(schema, events, pick):
    frame = pd.concat([events(n=[1.0, None, None]), events(start="2023-12-01", n=[None])])
    columns = {"at": {"type": "timestamp"}, "n": {"type": "number", "nullable": False}}
    found = pick(schema(frame, columns=columns), "nullable", "n")
    assert (found.violated, found.numbers["nulls"], found.numbers["rows"]) == (True, 2, 3)
    assert len(found.sample.rows) == 2  # the rows that fail are shown, as of any other check


@pytest.mark.parametrize(("nulls", "violated"), [(0, False), (1, True), (3, True)])
def test_one_null_is_one_too_many_where_none_may_be(schema, events, pick, nulls, violated):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "number", "nullable": False}}
    found = pick(schema(events(n=[None] * nulls + [1.0] * (3 - nulls)), columns=columns), "nullable", "n")
    assert (found.violated, found.numbers["nulls"]) == (violated, nulls)


def test_each_column_has_its_own_severity(schema, events):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "string", "severity": "warn"}}
    assert schema(events(n=[1]), columns=columns).verdict == "warn"


def test_a_naive_timestamp_is_an_error_until_its_timezone_is_declared(schema, events, pick):
    frame = events(n=[1])
    frame["at"] = frame["at"].dt.tz_localize(None)
    report = schema(frame)
    assert report.verdict == "fail"
    assert (
        "was read as UTC: declare it, as in `datasets.events.timezone: Europe/Berlin`"
        in pick(report, "timezone", "at").message
    )
    declared = schema(frame, timezone="Europe/Berlin")
    assert declared.verdict == "pass"
    assert "Europe/Berlin" in pick(declared, "timezone", "at").message


def test_without_an_event_time_the_whole_table_answers(schema, events, pick):
    columns = {"when": {"type": "timestamp"}, "n": {"type": "number", "nullable": False}}
    report = schema(events(n=[1.0, None]), timestamp="when", columns=columns)
    assert pick(report, "required", "when").violated
    assert pick(report, "nullable", "n").numbers["nulls"] == 1
    assert report.rows is None


@pytest.mark.parametrize(
    ("value", "part"), [("NA", "say so with `null_values`"), ("0,5", "say with `decimal: ','`"), ("?", "`null_values`")]
)
def test_values_that_cannot_be_read_name_the_key_of_the_csv_source(judge, pick, tmp_path, value, part):
    (tmp_path / "t.csv").write_text(f"at;x\n2024-01-02;1\n2024-01-02;{value}\n")
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}}
    report = judge(source={"kind": "csv", "path": "t.csv", "delimiter": ";"}, columns=columns)
    message = pick(report, "type", "x").message
    assert f"1 of 2 (50.00 %) values cannot be read as number, such as '{value}'" in message
    assert part in message
