"""A character that turns the direction of writing cannot reverse a line of the report, of JUnit or of the terminal."""

import io

import pytest

from maestro_ml.cli.app import run
from maestro_ml.cli.console import console
from maestro_ml.cli.findings import print_violated
from maestro_ml.validation.report.html import render_html
from maestro_ml.validation.report.junit import render_junit
from maestro_ml.validation.report.markdown import render_markdown

TURNED = "gpj\u202excod\u2066"
COLUMNS = {"at": {"type": "timestamp"}, TURNED: {"type": "string"}}


@pytest.fixture
def report(judge, events):
    checks = [{"check": "allowed", "column": TURNED, "values": ["a"]}]
    return judge(events(**{TURNED: [f"{TURNED}!", "a", None]}), "schema", "quality", columns=COLUMNS, checks=checks)


@pytest.mark.parametrize("render", [render_html, render_markdown, render_junit])
def test_it_is_shown_as_an_escape(report, render):
    page = render(report)
    assert not {"\u202e", "\u2066"} & set(page)
    assert "u202excod" in page


def test_the_terminal_shows_an_escape_of_findings_and_errors(report, capsys):
    out = io.StringIO()
    print_violated(report.violated, console(out))
    run(["validate", TURNED, "--project", f"/nowhere/{TURNED}"])
    errors = capsys.readouterr().err
    for text in (out.getvalue(), errors):
        assert not {"\u202e", "\u2066"} & set(text)
        assert "\\u202excod" in text


def test_other_writing_stays_as_it_is(judge, events):
    page = render_html(judge(events(s=["\u05e9\u05dc\u05d5\u05dd", "\u0633"]), "quality"))
    assert "\u05e9\u05dc\u05d5\u05dd" in page
