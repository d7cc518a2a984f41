"""A character that turns the direction of writing cannot reverse a line of the report."""

import pytest

from maestro_ml.validation.report.html import render_html
from maestro_ml.validation.report.markdown import render_markdown

TURNED = "gpj\u202excod\u2066"
COLUMNS = {"at": {"type": "timestamp"}, TURNED: {"type": "string"}}


@pytest.fixture
def report(judge, events):
    checks = [{"check": "allowed", "column": TURNED, "values": ["a"]}]
    return judge(events(**{TURNED: [f"{TURNED}!", "a", None]}), "schema", "quality", columns=COLUMNS, checks=checks)


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_it_is_shown_as_an_escape(report, render):
    page = render(report)
    assert not {"\u202e", "\u2066"} & set(page)
    assert "u202excod" in page


def test_other_writing_stays_as_it_is(judge, events):
    page = render_html(judge(events(s=["\u05e9\u05dc\u05d5\u05dd", "\u0633"]), "quality"))
    assert "\u05e9\u05dc\u05d5\u05dd" in page
