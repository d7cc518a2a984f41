"""What the summaries and kept numbers of a report say, number by number."""

import math
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from profile_sides import side

from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import AgainstHistory, Bounded, Count, Rate, Result, Statistic
from maestro_ml.project import Window
from maestro_ml.validation import Report
from maestro_ml.validation.profile.model import ColumnProfile
from maestro_ml.validation.report.explanations import why_it_matters
from maestro_ml.validation.report.junit import render_junit
from maestro_ml.validation.report.markdown import plain_text, render_markdown
from maestro_ml.validation.report.run_metrics import run_metrics

START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)


def report(*findings: Finding, **other: object) -> Report:
    fields = {
        "dataset": "events",
        "verdict": "fail",
        "window": Window(START, END),
        "reference": None,
        "rows": 300,
        "newest": None,
        "stages": ("schema", "quality", "drift"),
        "findings": findings,
        "configuration": {},
        "version": "1",
        "created": datetime(2024, 2, 1, 6, 5, 4, tzinfo=UTC),
    }
    return Report(**fields | other)


def found(stage: str, check: str, severity: str | None, column: str | None = None, result: Result | None = None):
    """Return a finding that is violated if it has a severity."""
    message = f"{check} of {column}"
    return finding(
        stage, check, severity or "error", message, violated=bool(severity), column=column, result=result or Result()
    )


SOME = (
    found("schema", "type", None, "x"),
    found("quality", "rows", "warn"),
    found("quality", "missing", "error", "y"),
    found("quality", "range", "error", "x"),
)


def test_markdown_counts_each_stage() -> None:
    assert render_markdown(report(*SOME)).splitlines() == [
        "## ❌ events: fail",
        "",
        "events fail: 2 errors, 1 warning in 4 checks (300 rows). Window 2024-01-01 00:00 .. 2024-02-01 00:00 UTC.",
        "",
        "| stage | checks | errors | warnings |",
        "|---|--:|--:|--:|",
        "| schema | 1 | 0 | 0 |",
        "| quality | 3 | 2 | 1 |",
        "| drift | 0 | 0 | 0 |",
        "",
        "| severity | check | column | found |",
        "|---|---|---|---|",
        "| error | quality: missing | y | missing of y |",
        "| error | quality: range | x | range of x |",
        "| warn | quality: rows |  | rows of None |",
    ]


@pytest.mark.parametrize(("many", "more"), [(50, []), (51, ["and 1 more, in report.json."])])
def test_markdown_has_fifty_rows(many: int, more: list[str]) -> None:
    lines = render_markdown(report(*[SOME[1]] * many)).splitlines()
    assert len([line for line in lines if line.startswith("| warn")]) == 50
    assert [line for line in lines if "report.json" in line] == more


@pytest.mark.parametrize(("length", "shown"), [(499, "x" * 499), (500, "x" * 500), (501, "x" * 499 + "…")])
def test_markdown_cuts_a_text_of_more_than_500_characters(length: int, shown: str) -> None:
    assert plain_text("x" * length) == shown


def test_junit_counts_each_stage_and_names_each_case() -> None:
    document = render_junit(report(*SOME))
    assert document.startswith("<?xml version='1.0' encoding='utf-8'?>")
    root = ElementTree.fromstring(document)
    assert root.attrib == {
        "name": "maestro validate events",
        "tests": "4",
        "failures": "2",
        "errors": "0",
        "skipped": "1",
    }
    suites = [each.attrib for each in root]
    at = {"timestamp": "2024-02-01T06:05:04"}
    assert suites == [
        {"name": "events.schema", **at, "tests": "1", "failures": "0", "errors": "0", "skipped": "0"},
        {"name": "events.quality", **at, "tests": "3", "failures": "2", "errors": "0", "skipped": "1"},
        {"name": "events.drift", **at, "tests": "0", "failures": "0", "errors": "0", "skipped": "0"},
    ]
    cases = [(each.attrib, [part.tag for part in each]) for each in root.iter("testcase")]
    assert cases[1:3] == [
        ({"classname": "events.quality", "name": "rows", "time": "0"}, ["skipped"]),
        ({"classname": "events.quality", "name": "missing[y]", "time": "0"}, ["failure"]),
    ]
    failure = next(root.iter("failure"))
    assert (failure.get("type"), failure.text) == ("missing", "y: missing of y")


def test_junit_of_several_datasets_is_one_document() -> None:
    root = ElementTree.fromstring(render_junit(report(SOME[1]), report(SOME[2], dataset="rides")))
    assert (root.get("name"), root.get("tests"), root.get("failures")) == ("maestro validate events rides", "2", "1")
    assert [each.get("name") for each in root if each.get("tests") == "1"] == ["events.quality", "rides.quality"]


WINDOW = "Window 2024-01-01 00:00 .. 2024-02-01 00:00 UTC"
EARLIER = Window(START - (END - START), START)


@pytest.mark.parametrize(
    ("fields", "scope"),
    [
        ({}, WINDOW),
        ({"whole_table": True}, "The whole table"),
        ({"first_rows": True}, "The first 300 rows of the table"),
        ({"first_rows": True, "rows": None}, "The first 0 rows of the table"),
        ({"reference": EARLIER}, f"{WINDOW}; reference {EARLIER}"),
        ({"reference": EARLIER, "snapshot": "a.parquet"}, f"{WINDOW}; reference a.parquet"),
    ],
)
def test_which_rows_were_looked_at(fields: dict[str, object], scope: str) -> None:
    assert report(**fields).scope == scope


@pytest.mark.parametrize(
    ("fields", "summary"),
    [
        ({"verdict": "pass"}, "events pass: nothing to report in 0 checks (300 rows)"),
        ({"findings": (SOME[3],)}, "events fail: 1 error in 1 check (300 rows)"),
        ({"findings": SOME[:2], "verdict": "warn", "rows": 1}, "events warn: 1 warning in 2 checks (1 row)"),
        ({"rows": None, "first_rows": False}, "events fail: nothing to report in 0 checks (no window)"),
        ({"first_rows": True}, "events fail: nothing to report in 0 checks (the first 300 rows)"),
    ],
)
def test_the_verdict_in_a_sentence(fields: dict[str, object], summary: str) -> None:
    assert report(*fields.pop("findings", ()), **fields).summary == summary


def test_findings_are_counted_by_severity_and_stage() -> None:
    made = report(*SOME, found("drift", "ks", "warn", "x"))
    assert (made.count("error"), made.count("warn"), made.count("warn", "drift"), made.count("error", "drift")) == (
        2,
        2,
        1,
        0,
    )
    assert [(each.severity, each.stage, each.check) for each in made.violated] == [
        ("error", "quality", "missing"),
        ("error", "quality", "range"),
        ("warn", "quality", "rows"),
        ("warn", "drift", "ks"),
    ]


def test_what_is_kept_for_later_runs() -> None:
    findings = (
        *SOME,
        found("drift", "ks", "error", "x", Statistic(0.5)),
        found("drift", "psi", None, "x", Statistic(0.25)),
        found("drift", "ks", None, "y", Statistic(0.1)),
        found("quality", "missing", None, "y", Count(3, 12)),
        found("quality", "null_rate_history", None, "z", AgainstHistory(Count(1, 4), 3)),
        found("quality", "range", None, "x", Count(9, 10)),
        found("quality", "missing", None, None, Count(5, 6)),
        found("quality", "missing", None, "x", Bounded(1, 0, 2)),
        found("anomalies", "isolation_forest", None, None, Rate(3, 0.03, 0.02, 0.04, 0.05)),
    )
    profiles = (
        ColumnProfile(
            column="x",
            kind="number",
            current=side(distinct=7, mean=math.inf, quantiles={"0.5": 2.5, "0.25": 1}, low=1, high="3"),
        ),
        ColumnProfile(column="day", kind="date", current=side(missing=10, low="2024-01-01", high="2024-01-31")),
        ColumnProfile(column="", kind="number", current=side()),
        ColumnProfile(column="none", kind="number", current=side(rows=0, missing=0)),
    )
    kept = run_metrics(report(*findings, profiles=profiles, newest=END - timedelta(hours=2)), "run")
    assert (kept.run, kept.start, kept.end, kept.verdict) == ("run", START, END, "fail")
    assert kept.created == datetime(2024, 2, 1, 6, 5, 4, tzinfo=UTC)
    assert kept.values == {
        "rows": {"": 300},
        "errors": {"": 3},
        "warnings": {"": 1},
        "staleness_seconds": {"": 7200},
        "anomaly_rate": {"": 0.03},
        "drifted_columns": {"": 1},
        "drift": {"x": 0.5, "y": 0.1},
        "missing_share": {"x": 0.1, "day": 1.0, "y": 0.25, "z": 0.25},
        "distinct": {"x": 7},
        "median": {"x": 2.5},
        "low": {"x": 1},
        "high": {"x": 3},
    }


def test_what_was_not_measured_is_not_kept() -> None:
    assert run_metrics(report(rows=None), "run").values == {"errors": {"": 0}, "warnings": {"": 0}}


OTHERS = (
    "files required type timezone nullable extra window all_missing freshness future untimed label_drift "
    "prediction_drift domain_classifier isolation_forest rows_missing header ambiguous_dates left_out duplicate_column "
    "empty_column constant_column mostly_missing mixed_types leak"
)


@pytest.mark.parametrize("check", [*OTHERS.split(), "range", "psi"])
def test_every_finding_has_a_reason_of_its_own(check: str) -> None:
    assert why_it_matters(check) != why_it_matters("of_a_package_that_is_not_here")
