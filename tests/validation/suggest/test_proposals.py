"""Shapes, lengths, composite keys and checks against history: where they are proposed, and where not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import Window
from maestro_ml.validation.history.runs import NO_HISTORY, History, RunMetrics
from maestro_ml.validation.suggest.proposals import suggest

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))


@pytest.fixture
def learn(tmp_path, dataset_project):
    def suggestions(frame: pd.DataFrame, columns: dict, history: History = NO_HISTORY, **dataset: object):
        frame.to_parquet(tmp_path / "events.parquet", index=False)
        given = {"source": {"kind": "parquet", "path": "events.parquet"}, "timestamp": "at"}
        project = dataset_project(**given, **dataset, columns={"at": {"type": "timestamp"}} | columns)
        return suggest(project, "events", JANUARY, history)

    return suggestions


def checks(found, kind: str) -> list[dict]:
    return [s.check for s in found.checks if s.check["check"] == kind]


def codes(rows: int) -> list[str]:
    return [f"{'ABCDEFG'[i % 7]}{'XYZ'[i % 3]}{i}" for i in range(rows)]


TEXT = {"s": {"type": "string"}}


def test_one_shape_is_proposed_with_how_many_have_it(learn, events):
    found = learn(events(s=[*codes(40), None]), TEXT)
    [shape] = [s for s in found.checks if s.check["check"] == "regex"]
    assert shape.check == {"check": "regex", "column": "s", "pattern": r"[A-Z]{2}\d+"}
    assert shape.evidence == "all 40 values look like this"
    assert checks(found, "length") == []


def test_one_value_of_another_shape_among_many_is_seen(learn, events):
    rows = 3_000  # more than are looked at for a shape
    frame = events(s=codes(rows))
    frame["at"] = pd.date_range("2024-01-01", periods=rows, freq="min", tz="UTC")
    assert checks(learn(frame, TEXT), "regex")
    frame.loc[1_234, "s"] = "hello"
    found = learn(frame, TEXT)
    assert checks(found, "regex") == []
    assert checks(found, "length") == [{"check": "length", "column": "s", "min": 1, "max": 12}]


def test_a_shape_is_widened_by_the_values_it_was_not_made_of(learn, events):
    frame = events(s=[f"N{i:05}" for i in range(9_000)])
    frame["at"] = pd.date_range("2024-01-01", periods=9_000, freq="min", tz="UTC")
    frame.loc[4_321, "s"] = "N12XY"
    assert checks(learn(frame, TEXT), "regex") == [{"check": "regex", "column": "s", "pattern": "N[0-9A-Z]{4,5}"}]


def test_few_values_have_no_shape_and_free_text_has_a_length(learn, events):
    found = learn(events(s=["AB1", "CD2", "EF3"], t=["a word", "", "two words"]), TEXT | {"t": {"type": "string"}})
    assert checks(found, "regex") == []
    assert {"check": "length", "column": "t", "max": 18} in checks(found, "length")


def test_of_personal_data_neither_shape_nor_length_is_shown(learn, events):
    found = learn(events(s=codes(40)), {"s": {"type": "string", "pii": True}})
    assert {s.check["check"] for s in found.checks if s.check.get("column") == "s"} == {"missing"}


def stations(events, days: int = 20, places: int = 5) -> pd.DataFrame:
    """Return a row a day and place, identified by its number and by its name."""
    frame = events(place=[i % places for i in range(days * places)])
    frame["at"] = [JANUARY.start + timedelta(days=i // places) for i in range(days * places)]
    return frame.assign(name=[f"Place {i}" for i in frame["place"]])


def test_columns_that_are_a_key_together_are_proposed_once(learn, events):
    columns = {"place": {"type": "integer"}, "name": {"type": "string"}}
    found = learn(stations(events), columns)
    assert checks(found, "unique") == [{"check": "unique", "columns": ["at", "name"]}]
    [key] = [s for s in found.checks if s.check["check"] == "unique"]
    assert key.evidence == "all 100 rows differ here; none of them does so alone"
    assert (
        checks(learn(stations(events), columns, checks=[{"check": "unique", "columns": ["at", "name"]}]), "unique")
        == []
    )
    repeated = pd.concat([stations(events), stations(events).head(1)])
    assert checks(learn(repeated, columns), "unique") == []


def test_a_regular_time_that_is_unique_alone_is_the_key(learn, events):
    frame = events(k=[i % 5 for i in range(60)])
    frame["at"] = pd.date_range("2024-01-01", periods=60, freq="h", tz="UTC")
    found = learn(frame, {"k": {"type": "integer"}})
    [key] = [s for s in found.checks if s.check["check"] == "unique"]
    assert key.check == {"check": "unique", "columns": ["at"]}
    assert key.evidence == "all 60 rows differ here"


def test_times_that_differ_by_chance_are_no_key_alone_or_with_others(learn, events):
    random = np.random.default_rng(3)
    frame = events(k=[i % 5 for i in range(60)])
    frame["at"] = JANUARY.start + pd.to_timedelta(random.integers(0, 2_000_000_000, 60), unit="ms")
    assert frame["at"].is_unique
    assert checks(learn(frame, {"k": {"type": "integer"}}), "unique") == []


def test_a_few_whole_numbers_are_listed_and_not_widened(learn, events):
    values = {"flag": [0, 1] * 30, "stars": [1, 2, 3] * 20, "gap": [0, 7] * 30, "same": [7] * 60, "size": [*range(60)]}
    found = learn(events(**values), {name: {"type": "integer"} for name in values})
    listed = {check["column"]: check["values"] for check in checks(found, "allowed")}
    assert listed == {"flag": [0, 1], "stars": [1, 2, 3]}
    assert {check["column"] for check in checks(found, "range")} == {"gap", "same"}


def test_two_rows_show_a_flag_but_no_other_list(learn, events):
    found = learn(events(flag=[0, 1, 1], stars=[1, 2, 2]), {"flag": {"type": "integer"}, "stars": {"type": "integer"}})
    assert [check["column"] for check in checks(found, "allowed")] == ["flag"]
    assert [check["column"] for check in checks(found, "range")] == ["stars"]


def test_three_columns_are_a_key_where_no_two_are(learn):
    grid = np.array([(a, b, c) for a in range(6) for b in range(7) for c in range(8)])
    frame = pd.DataFrame(grid, columns=["a", "b", "c"]).assign(at=pd.Timestamp("2024-01-05", tz="UTC"))
    found = learn(frame, {name: {"type": "integer"} for name in "abc"})
    assert checks(found, "unique") == [{"check": "unique", "columns": ["a", "b", "c"]}]


def test_columns_that_differ_by_chance_or_with_gaps_are_no_key(learn, events):
    random = np.random.default_rng(1)
    some = events(a=random.integers(0, 90, 100), b=random.integers(0, 90, 100))
    some["at"] = JANUARY.start
    pair = {"a": {"type": "integer"}, "b": {"type": "integer"}}
    assert not some.duplicated(["a", "b"]).any()
    assert checks(learn(some, pair), "unique") == []
    gaps = stations(events).astype({"place": "Int64"})
    gaps.loc[3, "place"] = None
    assert checks(learn(gaps.drop(columns="name"), {"place": {"type": "integer"}}), "unique") == []


def runs(count: int, rows: float, missing: float) -> History:
    def run(days: int) -> RunMetrics:
        back, moment = timedelta(days=days), datetime(2024, 3, 1, tzinfo=UTC)
        values = {"rows": {"": rows + days}, "missing_share": {"x": missing, "y": 0.0}}
        window = {"start": JANUARY.start - back, "end": JANUARY.end - back}
        return RunMetrics(run=f"r{days}", created=moment, verdict="pass", values=values, **window)

    return History(tuple(run(days) for days in range(1, count + 1)))


NUMBERS = {"x": {"type": "number"}, "y": {"type": "number"}}


@pytest.fixture
def measured(events):
    return events(x=[None if i % 10 == 0 else float(i) for i in range(100)], y=[float(i) for i in range(100)])


def test_with_enough_earlier_runs_come_checks_against_them(learn, measured):
    found = learn(measured, NUMBERS, runs(7, rows=96, missing=0.1))
    assert checks(found, "row_count_history") == [{"check": "row_count_history"}]
    assert checks(found, "null_rate_history") == [{"check": "null_rate_history", "column": "x"}]
    [message] = [s.evidence for s in found.checks if s.check["check"] == "null_rate_history"]
    assert message.startswith("10 of 100 (10 %) missing; the last 7 runs say 9 % to 11 %")
    declared = learn(measured, NUMBERS, runs(7, 96, 0.1), checks=[{"check": "row_count_history"}])
    assert checks(declared, "row_count_history") == []


def test_with_too_few_runs_or_a_window_unlike_them_come_none(learn, measured):
    assert not any("history" in s.check["check"] for s in learn(measured, NUMBERS, runs(6, 96, 0.1)).checks)
    found = learn(measured, NUMBERS, runs(7, rows=300, missing=0.5))
    assert not any("history" in s.check["check"] for s in found.checks)
    notes = " ".join(found.notes)
    assert "100 rows; the last 7 runs say " in notes
    assert "'x': 10 of 100 (10 %) missing; the last 7 runs say " in notes
    assert notes.count("no check against history is proposed") == 2
