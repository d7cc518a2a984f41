"""What the summaries, trends and kept numbers of a report say, number by number."""

import math
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import AgainstHistory, Bounded, Count, Rate, Result, Statistic
from maestro_ml.project import Window
from maestro_ml.validation import Report
from maestro_ml.validation.history.runs import History, RunMetrics
from maestro_ml.validation.profile.model import ColumnProfile, Side
from maestro_ml.validation.report.charts import ends_of, histogram_svg, line_svg
from maestro_ml.validation.report.explanations import why_it_matters
from maestro_ml.validation.report.junit import render_junit
from maestro_ml.validation.report.markdown import plain_text, render_markdown
from maestro_ml.validation.report.run_metrics import run_metrics
from maestro_ml.validation.report.trends import Series, trends

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


def side(rows: int = 10, missing: int = 1, **other: object) -> Side:
    return Side(rows=rows, missing=missing, sampled=rows, **other)


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


def metrics(days: int, **values: dict[str, float]) -> RunMetrics:
    shift = timedelta(days=days)
    return RunMetrics(
        run=str(days),
        start=START + shift,
        end=END + shift,
        created=END,
        verdict="warn" if days else "pass",
        values=values,
    )


def test_trends_hold_what_this_run_measured_and_gaps_where_another_did_not() -> None:
    columns = {"missing_share": {"x": 0.5, "hidden": 1}, "drift": {"x": 0.2}, "mean": {"x": 3}, "median": {"y": 4}}
    current = metrics(0, rows={"": 10}, errors={"": 1}, **columns)
    earlier = (metrics(-1, rows={"": 9}, drift={"x": 0.1}), metrics(-2, errors={"": 0}, old={"": 1}))
    drawn = trends(History(earlier, ("a broken run",)), current, ["x", "y"])
    assert drawn is not None
    assert drawn.ends == tuple(END + timedelta(days=days) for days in (-2, -1, 0))
    assert (drawn.verdicts, drawn.left_out) == (("warn", "warn", "pass"), ("a broken run",))
    assert drawn.series == (
        Series(metric="rows", column=None, values=(None, 9, 10)),
        Series(metric="errors", column=None, values=(0, None, 1)),
        Series(metric="missing_share", column="x", values=(None, None, 0.5)),
        Series(metric="drift", column="x", values=(None, 0.1, 0.2)),
        Series(metric="median", column="y", values=(None, None, 4)),
    )


def test_trends_show_thirty_runs_and_need_an_earlier_one() -> None:
    drawn = trends(History(tuple(metrics(-day, rows={"": day}) for day in range(1, 40))), metrics(0, rows={"": 0}), ())
    assert drawn is not None
    assert drawn.series[0].values == tuple(range(29, -1, -1))
    assert trends(History((metrics(1, rows={"": 1}),)), metrics(0, rows={"": 0}), ()) is None


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([1, 3, 2], 'd="M3 25L60 3L117 14"'),
        ([1, None, 3], 'd="M3 25M117 3"'),
        ([5], 'd="M3 14"'),
        ([None], 'd=""'),
    ],
)
def test_a_line_has_a_gap_where_nothing_was_measured_and_ends_in_a_dot(values: list[float | None], path: str) -> None:
    drawn = line_svg(values, "rows")
    assert path in drawn
    assert drawn.count("<circle") == (values[-1] is not None)
    assert drawn.startswith('<svg class="line" role="img" aria-label="rows" viewBox="0 0 120 28">')


def profile(kind: str = "number", edges: tuple[float, ...] = (0, 1, 2), **other: object) -> ColumnProfile:
    now = side(counts=(1, 3), quantiles={"0.25": 0.5, "0.75": 1.5}, low=0, high=2)
    return ColumnProfile(**{"column": "x", "kind": kind, "edges": edges, "current": now} | other)


@pytest.mark.parametrize(
    ("kind", "edges", "ends"),
    [
        ("number", (0.25, 1, 2), ("0.25", "2")),
        ("timestamp", (0, 3600, 7200), ("1970-01-01 00:00:00", "1970-01-01 02:00:00")),
        ("date", (0, 86_400, 172_800), ("1970-01-01", "1970-01-02")),  # the end is the day after
    ],
)
def test_where_a_histogram_begins_and_ends(kind: str, edges: tuple[float, ...], ends: tuple[str, str]) -> None:
    assert ends_of(profile(kind, edges)) == ends


def test_a_histogram_says_in_words_what_it_shows() -> None:
    compared = profile(reference=side(counts=(2, 2), quantiles={"0.25": 0.1, "0.75": 0.9}))
    days = profile("date", current=side(counts=(1, 3), low="2024-01-01", high="2024-01-31"), reference=side())
    alone = "Histogram of x: now half of the values between 0.5 and 1.5"
    assert f'aria-label="{alone}"' in histogram_svg(profile())
    assert f'aria-label="{alone}; in the reference half of the values between 0.1 and 0.9"' in histogram_svg(compared)
    assert "now from 2024-01-01 to 2024-01-31; in the reference no value" in histogram_svg(days)


@pytest.mark.parametrize(
    ("fields", "bars"),
    [
        ({"counts": (1, 3)}, "M0 72v-24h112.8V72M120 72v-72h112.8V72"),
        ({"counts": (0, 3)}, "M120 72v-72h112.8V72"),
        ({"counts": (2, 2), "below": 4}, "M0 72v-72h75.2V72M80 72v-36h75.2V72M160 72v-36h75.2V72"),
        ({"counts": (2, 2), "above": 4}, "M0 72v-36h75.2V72M80 72v-36h75.2V72M160 72v-72h75.2V72"),
    ],
)
def test_bars_are_shares_of_the_highest(fields: dict[str, object], bars: str) -> None:
    assert f'<path class="now" d="{bars}"/>' in histogram_svg(profile(current=side(**fields)))


def test_nothing_is_drawn_of_no_value() -> None:
    assert histogram_svg(profile(current=side(counts=(0, 0)))) is None
    assert histogram_svg(profile(edges=())) is None


OTHERS = (
    "files required type timezone nullable extra window all_missing freshness future untimed label_drift "
    "prediction_drift domain_classifier isolation_forest rows_missing header ambiguous_dates left_out duplicate_column "
    "empty_column constant_column mostly_missing mixed_types leak"
)


@pytest.mark.parametrize("check", [*OTHERS.split(), "range", "psi"])
def test_every_finding_has_a_reason_of_its_own(check: str) -> None:
    assert why_it_matters(check) != why_it_matters("of_a_package_that_is_not_here")
