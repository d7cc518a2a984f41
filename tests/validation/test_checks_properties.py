"""Every kind of check against pandas, on frames nobody would think of; from footers, from one scan and from several."""

import math
import operator
import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro_ml.data import OpenDataset
from maestro_ml.data.engine import connect
from maestro_ml.data.parquet_source import look_at
from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.validation.quality import quality_findings
from maestro_ml.validation.schema import schema_findings
from maestro_ml.validation.subject import Subject

WINDOW = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))
HOURS = st.sampled_from([-1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 23, 24, 25])
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0, 1e300, math.inf, -math.inf, math.nan]) | st.none()
WHOLE = st.sampled_from([0, 1, 2, -5, 2**63 - 1, -(2**63)]) | st.none()
TEXTS = st.sampled_from(["", "a", "ab", "abc", "null", "äö", "'", "a\nb"]) | st.none()
ROWS = st.lists(st.tuples(HOURS, NUMBERS, WHOLE, TEXTS), max_size=30)
TYPES = {"at": "timestamp", "x": "number", "n": "integer", "s": "string"}
SCHEMA = pa.schema({"at": pa.timestamp("us", tz="UTC"), "x": pa.float64(), "n": pa.int64(), "s": pa.string()})
OPERATORS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt}
QUIET = settings(
    max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def connection():
    with connect() as connection:
        yield connection


def table(rows: list[tuple]) -> pa.Table:
    at = [WINDOW.start + timedelta(hours=hours) for hours, *_ in rows]
    columns = list(zip(*(row[1:] for row in rows), strict=True)) or [(), (), ()]
    arrays = [
        pa.array(values, field.type, from_pandas=False) for values, field in zip([at, *columns], SCHEMA, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def spec(checks: list[dict]) -> Dataset:
    return Dataset.model_validate(
        {
            "source": {"kind": "parquet", "path": "unused"},
            "timestamp": "at",
            "columns": {name: {"type": kind, "nullable": name != "n"} for name, kind in TYPES.items()},
            "checks": checks,
        }
    )


def inside(rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["at", "x", "n", "s"], dtype=object)
    return frame[(frame["at"] >= 0) & (frame["at"] < 24)].reset_index(drop=True)


def absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def first_hours(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["at"] < 3]


@st.composite
def a_check(draw) -> tuple[dict, object]:  # noqa: PLR0911
    """A declared check, and how many rows of a frame it must find."""
    kind = draw(
        st.sampled_from(["missing", "range", "whole", "allowed", "regex", "length", "compare", "predicate", "keys"])
    )
    column = draw(st.sampled_from(["x", "n", "s"]))
    low, high = sorted(draw(st.tuples(*[st.sampled_from([-3.0, 0.0, 1.5, 2.0])] * 2)))
    match kind:
        case "missing":
            return {"check": "missing", "column": column}, lambda f: f[column].map(absent).sum()
        case "range":
            return (
                {"check": "range", "column": "x", "min": low, "max": high},
                lambda f: sum(not absent(x) and not low <= x <= high for x in f["x"]),
            )
        case "whole":
            edge = draw(st.sampled_from([2**63 - 1, 2**63 - 2, 1, -5, 0.5]))
            return {"check": "range", "column": "n", "max": edge}, lambda f: sum(
                n is not None and n > edge for n in f["n"]
            )
        case "allowed":
            values = draw(st.lists(st.sampled_from(["", "a", "'", "null"]), min_size=1, unique=True))
            return {"check": "allowed", "column": "s", "values": values}, lambda f: sum(
                s is not None and s not in values for s in f["s"]
            )
        case "regex":
            pattern = draw(st.sampled_from(["a.*", "", "(?s).*", "[a-z]+", "a|b", "ab?"]))
            return {"check": "regex", "column": "s", "pattern": pattern}, lambda f: sum(
                s is not None and not re.fullmatch(pattern, s) for s in f["s"]
            )
        case "length":
            least, most = sorted(draw(st.tuples(*[st.integers(0, 4)] * 2)))
            return {"check": "length", "column": "s", "min": least, "max": most}, lambda f: sum(
                s is not None and not least <= len(s) <= most for s in f["s"]
            )
        case "compare":
            sign = draw(st.sampled_from(sorted(OPERATORS)))
            return {"check": "compare", "left": "x", "operator": sign, "right": "n"}, lambda f: sum(
                not absent(x) and n is not None and not OPERATORS[sign](x, float(n))
                for x, n in zip(f["x"], f["n"], strict=True)
            )
        case "predicate":
            return {"check": "predicate", "sql": "s <> 'a' OR n >= 0"}, lambda f: sum(
                s == "a" and n is not None and n < 0 for s, n in zip(f["s"], f["n"], strict=True)
            )
        case _:
            keys = draw(st.sampled_from([["n"], ["s"], ["n", "s"], ["at", "n", "s"]]))
            return {"check": "unique", "columns": keys}, lambda f: f.duplicated(keys).sum() if len(f) else 0


@QUIET
@given(rows=ROWS, checks=st.lists(a_check(), min_size=1, max_size=6), limited=st.booleans(), group=st.integers(1, 8))
def test_counts_are_those_of_pandas_wherever_they_come_from(connection, tmp_path, rows, checks, limited, group):
    where = {"where": "at < timestamptz '2024-01-01 03:00:00+00'"} if limited else {}
    dataset = spec([declared | where for declared, _ in checks])
    data = table(rows)
    pq.write_table(data, tmp_path / "a.parquet", row_group_size=group)
    pq.write_table(data, tmp_path / "b.parquet", row_group_size=group, write_statistics=False)
    findings = []
    for source in ("arrow", "a", "b"):
        files = None if source == "arrow" else look_at(connection, [str(tmp_path / f"{source}.parquet")])
        relation = files.relation(connection) if files else connection.from_arrow(data)
        subject = Subject(OpenDataset(source, dataset, connection, relation, files), WINDOW, WINDOW.end)
        findings.append([*schema_findings(subject), *quality_findings(subject)])
    told = [[finding.showing(None) for finding in source] for source in findings]
    assert told[0] == told[1] == told[2]

    frame = inside(rows)
    judged = first_hours(frame) if limited else frame
    found = findings[0][-len(checks) :]
    assert [f.numbers["count"] for f in found] == [expected(judged) for _, expected in checks]
    assert all(f.numbers["rows"] == len(judged) and f.violated is (f.numbers["count"] > 0) for f in found)
    for finding in found:
        count = 0 if finding.sample is None else len(finding.sample.rows)
        assert count <= min(5, finding.numbers["count"])
        assert bool(count) is finding.violated or finding.check == "missing"


@QUIET
@given(rows=ROWS, strict=st.booleans(), falling=st.booleans(), grouped=st.booleans())
def test_monotonic_is_that_of_pandas(connection, rows, strict, falling, grouped):
    declared = {"check": "monotonic", "column": "x", "strict": strict, "by": ["s"] if grouped else []}
    declared |= {"direction": "decreasing" if falling else "increasing"}
    relation = connection.from_arrow(table(rows))
    subject = Subject(OpenDataset("events", spec([declared]), connection, relation), WINDOW, WINDOW.end)

    frame = inside(rows)
    frame = frame.loc[[not absent(x) for x in frame["x"]]].assign(
        x=lambda f: f["x"].astype(float) * (-1 if falling else 1), s=frame["s"].map(repr)
    )
    ordered = frame.sort_values(["at", "x"])
    before = ordered.groupby("s")["x"].shift() if grouped else ordered["x"].shift()
    expected = ((ordered["x"] <= before) if strict else (ordered["x"] < before)).sum()
    assert quality_findings(subject)[-1].numbers["count"] == expected


@QUIET
@given(rows=ROWS, others=ROWS, aggregate=st.sampled_from(["rows", "sum", "min", "max", "distinct"]))
def test_another_dataset_is_held_against_as_pandas_does(connection, rows, others, aggregate):
    column = {} if aggregate == "rows" else {"column": "n"}
    checks = [
        {"check": "references", "column": "s", "dataset": "others", "key": "s"},
        {"check": "reconcile", "dataset": "others", "aggregate": aggregate, **column},
    ]
    other = OpenDataset("others", spec([]), connection, connection.from_arrow(table(others)))
    here = OpenDataset("events", spec(checks), connection, connection.from_arrow(table(rows)), opened={"others": other})
    references, reconcile = quality_findings(Subject(here, WINDOW, WINDOW.end))[-2:]

    known = {s for *_, s in others}
    assert references.numbers["count"] == sum(s is not None and s not in known for s in inside(rows)["s"])
    values = []
    for side in (inside(rows), inside(others)):
        numbers = [n for n in side["n"] if n is not None]
        measure = {"sum": sum, "min": min, "max": max, "distinct": lambda ns: len(set(ns))}.get(aggregate)
        empty = 0 if aggregate == "distinct" else None
        values.append(len(side) if measure is None else measure(numbers) if numbers else empty)
    assert reconcile.violated is (values[0] != values[1])
    assert (reconcile.numbers["value"], reconcile.numbers["expected"]) == tuple(values)
