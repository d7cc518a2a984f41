"""Every kind of check against pandas, on frames nobody would think of; from footers, from one scan and from several."""

import pyarrow.parquet as pq
import pytest
from generated_tables import QUIET, ROWS, TYPES, WINDOW, a_check, absent, first_hours, inside, table
from hypothesis import given
from hypothesis import strategies as st

from maestro_ml.project.datasets import Dataset
from maestro_ml.tables import LocalTable
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.sources.parquet import inspect_files
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.quality import quality_findings
from maestro_ml.validation.schema import schema_findings


@pytest.fixture(scope="module")
def connection():
    with connect() as connection:
        yield connection


def spec(checks: list[dict]) -> Dataset:
    return Dataset.model_validate(
        {
            "source": {"kind": "parquet", "path": "unused"},
            "timestamp": "at",
            "columns": {name: {"type": kind, "nullable": name != "n"} for name, kind in TYPES.items()},
            "checks": checks,
        }
    )


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
        files = None if source == "arrow" else inspect_files(connection, [str(tmp_path / f"{source}.parquet")])
        relation = files.relation(connection) if files else connection.from_arrow(data)
        context = ValidationContext(LocalTable(source, dataset, connection, relation, files=files), WINDOW, WINDOW.end)
        findings.append([*schema_findings(context), *quality_findings(context)])
    message = [[finding.with_sample(None) for finding in source] for source in findings]
    assert message[0] == message[1] == message[2]

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
    context = ValidationContext(LocalTable("events", spec([declared]), connection, relation), WINDOW, WINDOW.end)

    frame = inside(rows)
    frame = frame.loc[[not absent(x) for x in frame["x"]]].assign(
        x=lambda f: f["x"].astype(float) * (-1 if falling else 1), s=frame["s"].map(repr)
    )
    ordered = frame.sort_values(["at", "x"])
    before = ordered.groupby("s")["x"].shift() if grouped else ordered["x"].shift()
    expected = ((ordered["x"] <= before) if strict else (ordered["x"] < before)).sum()
    assert quality_findings(context)[-1].numbers["count"] == expected


@QUIET
@given(rows=ROWS, others=ROWS, aggregate=st.sampled_from(["rows", "sum", "min", "max", "distinct"]))
def test_another_dataset_is_held_against_as_pandas_does(connection, rows, others, aggregate):
    column = {} if aggregate == "rows" else {"column": "n"}
    checks = [
        {"check": "references", "column": "s", "dataset": "others", "key": "s"},
        {"check": "reconcile", "dataset": "others", "aggregate": aggregate, **column},
    ]
    other = LocalTable("others", spec([]), connection, connection.from_arrow(table(others)))
    here = LocalTable("events", spec(checks), connection, connection.from_arrow(table(rows)), others={"others": other})
    references, reconcile = quality_findings(ValidationContext(here, WINDOW, WINDOW.end))[-2:]

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
