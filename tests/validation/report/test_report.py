import json

import pytest

from maestro_ml.validation import Report
from maestro_ml.validation.report.html import render_html


@pytest.fixture
def report(judge, events) -> Report:
    """Provide one that fails, with every stage."""
    frame = events(x=[1.0, 2.0, 3.0], y=[1, None, 3])
    return judge(
        frame,
        checks=[{"check": "range", "column": "x", "max": 2}, {"check": "missing", "column": "y", "severity": "warn"}],
        freshness={"max_age": "60d"},
        reference={"kind": "fixed", "start": "2024-01-01", "end": "2024-01-02"},
        drift={},
        anomalies={},
    )


def test_the_verdict_stands_first_and_what_failed_before_what_passed(report):
    page = render_html(report)
    places = [
        page.index(text) for text in ('class="badge fail"', "1 of 3 (33.33 %) outside", "Everything that was checked")
    ]
    assert report.verdict == "fail"
    assert places == sorted(places)
    assert "a changed unit, a sentinel such as -999" in page


def test_every_finding_is_in_the_page(report):
    from markupsafe import escape

    page = render_html(report)
    assert len({f.stage for f in report.findings}) == 4
    for found in report.findings:
        if found in report.drift_tests:
            assert f"{found.numbers['statistic']:.4f}" in page
        else:
            assert str(escape(found.message)) in page


def test_json_reads_back_as_the_same_report(report):
    again = Report.model_validate_json(report.model_dump_json())
    assert again == report
    assert render_html(again) == render_html(report)
    assert json.loads(report.model_dump_json())["configuration"]["freshness"] == {"max_age": "60d"}


def test_a_report_without_a_window_says_so(judge, events):
    columns = {"when": {"type": "timestamp"}}
    report = judge(events(n=[1]), "schema", "quality", timestamp="when", columns=columns)
    assert "no window" in report.summary
    assert "<dd>unknown</dd>" in render_html(report)


@pytest.mark.filterwarnings("ignore:Query string")
def test_a_password_in_the_source_is_not_in_the_report(tmp_path, judge):
    import sqlite3

    with sqlite3.connect(tmp_path / "events.db") as connection:
        connection.execute("CREATE TABLE events (at TIMESTAMP)")
    connection.close()
    source = {"kind": "sql", "url": "sqlite:///events.db?secret=s3cret", "table": "events"}
    report = judge(None, "schema", source=source, columns={"at": {"type": "timestamp"}})
    assert "s3cret" not in render_html(report) + report.model_dump_json()
