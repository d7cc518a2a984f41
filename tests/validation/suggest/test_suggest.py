"""What is proposed can be pasted into the project file, loads, and passes on the window it was learnt from."""

import math
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from maestro_ml.project import RequestError, Window, load_project
from maestro_ml.validation import validate_dataset
from maestro_ml.validation.suggest.proposals import as_yaml, suggest

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))


@pytest.fixture
def learn(tmp_path: Path, dataset_project):
    """Provide the suggestions for a frame in January, and the report on it with them pasted in."""

    def both(frame: pd.DataFrame | None, columns: dict, **dataset: object):
        if frame is not None:
            frame.to_parquet(tmp_path / "events.parquet", index=False)
        given = {"source": {"kind": "parquet", "path": "events.parquet"}, "timestamp": "at"}
        project = dataset_project(**given, **dataset, columns={"at": {"type": "timestamp"}} | columns)
        found = suggest(project, "events", JANUARY)
        file = tmp_path / "maestro.yaml"
        file.write_text(file.read_text() + as_yaml(found, checks_there=False))
        report = validate_dataset(load_project(tmp_path, environ={}), "events", JANUARY, ("quality",))
        return found, report

    return both


def proposed(found, column: str) -> dict[str, dict]:
    return {s.check["check"]: s.check for s in found.checks if s.check.get("column") == column}


def test_the_flights_contract_with_its_proposals_loads_and_passes(tmp_path, flights):
    window = Window(datetime(2013, 11, 1, tzinfo=UTC), datetime(2013, 12, 1, tzinfo=UTC))
    environment = {"MAESTRO_DATA": str(flights / "data")}
    found = suggest(load_project(flights, environ=environment), "flights", window)
    text = (flights / "maestro.yaml").read_text()
    last = "      - {check: allowed, column: origin, values: [EWR, JFK, LGA]}\n"
    (tmp_path / "maestro.yaml").write_text(text.replace(last, last + as_yaml(found, checks_there=True), 1))
    project = load_project(tmp_path, environ=environment)
    report = validate_dataset(project, "flights", window, ("schema", "quality"))
    assert report.verdict == "pass"
    checks = {(f.check, f.column) for f in report.findings}
    assert {(s.check["check"], s.check["column"]) for s in found.checks} <= checks
    assert ("allowed", "carrier") in checks
    assert ("range", "air_time") in checks


NASTY_VALUES = [
    "no",
    "null",
    "1",
    "",
    "a, b",
    "# c",
    "{x: 1}",
    "'",
    '"',
    "é\u2028\U0001f600",
    "\n",
    "~",
    "=",
    "%s ?",
    "\x85",
    "\xa0",
]


def test_a_nasty_table_too(tmp_path, learn):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(2)
    rows = 700
    columns = {
        "select": (pa.array([NASTY_VALUES[i % len(NASTY_VALUES)] for i in range(rows)]), "string"),
        "a: b # c": (pa.array([-(2**63), 2**63 - 1] * (rows // 2)), "integer"),
        'he said "x"': (pa.array(rng.normal(size=rows) * 1e-300), "number"),
        "{}": (pa.array([1e308, -1e308] * (rows // 2)), "number"),
        "yes": (pa.array([math.inf, 1.0] * (rows // 2)), "number"),
        "new\nline": (pa.array([None, 0.5] * (rows // 2)), "number"),
        "-": (pa.array([math.nan, 3.25] * (rows // 2), from_pandas=False), "number"),
        "null": (pa.array([None] * rows, pa.float64()), "number"),
        "constant": (pa.array([7] * rows), "integer"),
        "price": (pa.array([Decimal("1.10"), Decimal("2.20")] * (rows // 2), pa.decimal128(20, 2)), "number"),
        "${env:HOME}": (pa.array(["x"] * rows), "string"),
        "setting": (pa.array(["${env:HOME}"] * rows), "string"),
        "name": (pa.array([f"Ada {i % 3}" for i in range(rows)]), "string"),
        "id": (pa.array(range(rows)), "integer"),
        "flag": (pa.array([True, False] * (rows // 2)), "boolean"),
    }
    times = pa.array(pd.date_range("2024-01-01", periods=rows, freq="h", tz="UTC"))
    table = {"at": times} | {name: array for name, (array, _) in columns.items()}
    pq.write_table(pa.table(table), tmp_path / "events.parquet")
    contract = {name: {"type": kind, "pii": name == "name"} for name, (_, kind) in columns.items()}
    del contract["${env:HOME}"]  # no project file could hold it
    found, report = learn(None, contract)
    wrong = [str(f) for f in report.violated if f.check != "all_missing"]
    assert wrong == []
    proposable = ("range", "allowed", "regex", "length", "missing", "unique", "rows")
    assert sum(f.check in proposable for f in report.findings) >= len(found.checks)
    assert set(proposed(found, "select")["allowed"]["values"]) == set(NASTY_VALUES)
    assert proposed(found, "constant")["range"] == {"check": "range", "column": "constant", "min": 6, "max": 8}
    assert proposed(found, "-")["missing"]["max_share"] == 0.75
    assert "range" not in proposed(found, "yes")
    assert "allowed" not in proposed(found, "name") | proposed(found, "setting")
    assert "range" not in proposed(found, "id")
    assert {"check": "unique", "columns": ["id"]} in [s.check for s in found.checks]
    notes = " ".join(found.notes)
    for said in (
        "'null' holds no value",
        "'yes' holds infinities",
        "'setting' holds ${env:",
        "'${env:HOME}' is not in",
    ):
        assert said in notes


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), min_size=1, max_size=4, unique=True
    ),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.none(), min_size=1, max_size=5),
    st.lists(st.floats() | st.none(), min_size=1, max_size=5),
)
@example(["\x85", " "], ["\x85", None], [0.0])
def test_any_names_and_values_make_a_file_that_loads_and_passes(names, texts, numbers):
    assume(not {n.lower() for n in names} & {"at"} and len({n.lower() for n in names}) == len(names))
    rows = 60
    frame = {"at": pd.date_range("2024-01-01", periods=rows, freq="h", tz="UTC")}
    columns: dict = {"at": {"type": "timestamp"}}
    for i, name in enumerate(names):
        values = texts if i % 2 else numbers
        frame[name] = pd.Series([values[j % len(values)] for j in range(rows)], dtype="object" if i % 2 else "float64")
        columns[name] = {"type": "string" if i % 2 else "number"}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pd.DataFrame(frame).to_parquet(place / "events.parquet", index=False)
        source = {"kind": "parquet", "path": "events.parquet"}
        given = {"name": "p", "datasets": {"events": {"source": source, "timestamp": "at", "columns": columns}}}
        file = place / "maestro.yaml"
        file.write_text(yaml.safe_dump(given, sort_keys=False), encoding="utf-8")
        found = suggest(load_project(place, environ={}), "events", JANUARY)
        file.write_text(file.read_text(encoding="utf-8") + as_yaml(found, checks_there=False), encoding="utf-8")
        report = validate_dataset(load_project(place, environ={}), "events", JANUARY, ("quality",))
    assert [str(f) for f in report.violated if f.check != "all_missing"] == []


def test_what_is_declared_is_not_proposed_again(learn, events):
    frame = events(n=[1, 2, 3], s=["a"] * 3)
    columns = {"n": {"type": "integer", "nullable": False}, "s": {"type": "string"}}
    found, _ = learn(frame, columns, keys=["at"], freshness={"max_age": "60d"})
    assert [s.check["check"] for s in found.checks if s.check.get("column") == "n"] == []  # unique, and never null
    assert found.max_age is None


def test_keys_that_repeat_are_said_and_not_proposed(learn, events):
    found, report = learn(
        events(k=[1, 1, 2], m=[1, 1, 1]), {"k": {"type": "integer"}, "m": {"type": "integer"}}, keys=["k"]
    )
    assert "unique" not in [s.check["check"] for s in found.checks]
    assert "the keys are not unique: 1 row with those of another" in found.notes
    assert report.verdict == "pass"


def test_evidence_stands_beside_each_check_and_freshness_is_proposed(learn, events):
    found, _ = learn(events(x=[1.5, None] * 50), {"x": {"type": "number"}})
    text = as_yaml(found, checks_there=False)
    assert "check: missing, column: x, max_share: 0.75}  # 50 of 100 (50.00 %) missing" in text
    assert "# datasets.events, from 100 rows, 2024-01-01 00:00 .. 2024-02-01 00:00 UTC" in text
    parsed = yaml.safe_load(text)
    assert parsed["freshness"] == {"max_age": "53d 19h"}  # twice 26d 21h, and an hour
    assert parsed["checks"] == [s.check for s in found.checks]


def test_rows_may_be_as_old_as_they_are_apart(learn):
    days = pd.date_range("2024-01-01", "2024-01-31 23:00", freq="7d", tz="UTC")
    last = pd.Timestamp("2024-01-31 23:30", tz="UTC")
    found, _ = learn(pd.DataFrame({"at": [*days, last], "x": 1.5}), {"x": {"type": "number"}})
    assert found.gap == pd.Timedelta("7d")
    assert (
        "{max_age: 7d 1h}  # the newest row is 30m older than the window's end, and rows are up to 7d apart"
        in as_yaml(found, checks_there=False)
    )


def test_nothing_can_be_learnt_from_no_row(learn, events):
    with pytest.raises(RequestError, match=r"events has no row in 2024-01-01 .*--at"):
        learn(events("2025-01-01", n=[1]), {"n": {"type": "integer"}})


def test_a_dataset_without_a_contract_gets_one_that_loads_and_passes(tmp_path, dataset_project):
    at = pd.date_range("2024-01-01", periods=40, freq="h", tz="UTC")
    frame = pd.DataFrame({"at": at, "id": range(40), "x": [None, *np.linspace(0, 9, 39)], "[s]: x": ["a", "b"] * 20})
    frame.to_parquet(tmp_path / "events.parquet", index=False)
    project = dataset_project(source={"kind": "parquet", "path": "events.parquet"}, timestamp="at")
    found = suggest(project, "events", JANUARY)
    assert found.columns == {
        "at": {"type": "timestamp", "nullable": False},
        "id": {"type": "integer", "nullable": False},
        "x": {"type": "number"},
        "[s]: x": {"type": "string", "nullable": False},
    }
    assert "missing" not in proposed(found, "id")  # the contract says it
    file = tmp_path / "maestro.yaml"
    file.write_text(file.read_text() + as_yaml(found, checks_there=False))
    loaded = load_project(tmp_path, environ={})
    assert list(loaded.datasets["events"].columns) == list(found.columns)
    assert validate_dataset(loaded, "events", JANUARY, ("schema", "quality")).verdict == "pass"


def test_a_declared_contract_is_left_alone(learn, events_of_flags):
    found, _ = learn(events_of_flags([0.0, 1.0] * 20), {"x": {"type": "number"}})
    assert found.columns == {}


@pytest.fixture
def events_of_flags():
    """Provide a frame with the values given in x, one an hour."""
    return lambda values: pd.DataFrame(
        {"at": pd.date_range("2024-01-01", periods=len(values), freq="h", tz="UTC"), "x": values}
    )


@pytest.mark.parametrize(
    ("values", "check"),
    [
        ([0.0, 1.0] * 20, "allowed"),
        ([0.0, 1.0, None, math.nan] * 10, "allowed"),
        ([0.0, 0.5, 1.0] * 14, "range"),
        ([0.0, 1.0, 2.0] * 14, "range"),
    ],
)
def test_numbers_that_are_only_0_and_1_are_marks_and_others_have_a_range(learn, events_of_flags, values, check):
    found, report = learn(events_of_flags(values), {"x": {"type": "number"}})
    assert {"allowed", "range"} & set(proposed(found, "x")) == {check}
    assert report.verdict == "pass"
