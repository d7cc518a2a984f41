"""JUnit XML and Markdown for CI: the same findings, whatever text the data brings."""

from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from maestro_ml.core.findings import finding
from maestro_ml.validation import Report
from maestro_ml.validation.report.junit import render_junit
from maestro_ml.validation.report.markdown import render_markdown

HOSTILE = "a|b\n\n# <script>`x`</script> *b* [c](https://d) \\ $e$ \x00\x0b\ud800 ]]> &amp; ~~f~~"


@pytest.fixture(scope="module")
def empty() -> Report:
    from datetime import UTC, datetime

    from maestro_ml.project import Window

    end = datetime(2024, 2, 1, tzinfo=UTC)
    return Report(
        dataset="events",
        verdict="pass",
        window=Window(datetime(2024, 1, 1, tzinfo=UTC), end),
        reference=None,
        rows=300,
        newest=None,
        stages=("schema", "quality"),
        findings=(),
        configuration={},
        version="1",
        created=end,
    )


def failing(report: Report, *messages: str, severity: str = "error", column: str | None = "x") -> Report:
    findings = [finding("quality", "range", severity, m, violated=True, column=column) for m in messages]
    findings.append(finding("schema", "type", "error", "fine", violated=False, column="y"))
    return report.model_copy(update={"findings": tuple(findings), "verdict": "fail"})


def cells(markdown: str) -> list[str]:
    """Return the texts of the table cells, as a reader sees them; fails on HTML that got through."""
    texts = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        assert token.type != "html_block"
        for child in token.children or ():
            assert child.type in ("text", "softbreak"), child
        if token.children:
            texts.append("".join(child.content for child in token.children))
    return texts


def test_junit_has_a_case_for_every_finding(empty):
    report = failing(empty, "1 of 3 outside")
    root = ElementTree.fromstring(render_junit(report))
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("skipped")) == ("testsuites", "2", "1", "0")
    assert [suite.get("name") for suite in root] == ["events.schema", "events.quality"]
    (case,) = root.findall("testsuite[@name='events.quality']/testcase")
    assert (case.get("classname"), case.get("name")) == ("events.quality", "range[x]")
    assert case.find("failure").get("message") == "x: 1 of 3 outside"
    assert not root.findall("testsuite[@name='events.schema']/testcase/*")


def test_a_warning_fails_nothing_and_is_not_lost(empty):
    root = ElementTree.fromstring(render_junit(failing(empty, "a little off", severity="warn")))
    assert (root.get("failures"), root.get("skipped")) == ("0", "1")
    assert root.find(".//skipped").get("message") == "warning: x: a little off"


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
@example(HOSTILE)
def test_any_text_becomes_well_formed_xml(empty, text):
    document = render_junit(failing(empty, text)).encode()
    (failure,) = ElementTree.fromstring(document).iter("failure")
    assert failure.get("message") == "x: " + "".join(c if _writable(ord(c)) else "\ufffd" for c in text)


def _writable(code: int) -> bool:
    """Return whether XML may hold the character: https://www.w3.org/TR/xml/#charsets."""
    ranges = ((0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
    return code in (0x9, 0xA, 0xD) or any(low <= code <= high for low, high in ranges)


def test_markdown_says_verdict_window_and_what_is_wrong_errors_first(empty):
    report = failing(empty, "a little off", severity="warn")
    report = report.model_copy(update={"findings": (*report.findings, *failing(empty, "far off").findings)})
    texts = cells(render_markdown(report))
    assert texts[0] == "❌ events: fail"
    assert "Window 2024-01-01 00:00 .. 2024-02-01 00:00 UTC" in texts[1]
    assert texts.index("far off") < texts.index("a little off")
    assert "fine" not in texts


def test_markdown_of_a_pass_has_no_table_of_violations(empty):
    assert "severity" not in render_markdown(empty)


def test_markdown_stays_short(empty):
    text = render_markdown(failing(empty, *("x" * 5000 for _ in range(400))))
    assert "and 350 more, in report.json" in text
    assert len(text) < 50_000


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
@example(HOSTILE.replace("\x00", "").replace("\ud800", ""))
@example("www.example.org and a@b.c, see #1")
@example("1\\|2")
def test_any_text_stays_text_in_markdown(empty, text):
    """Read back by a Markdown parser, a cell says what was written, with white space as a page shows it."""
    shown = " ".join(text.split())
    texts = cells(render_markdown(failing(empty, f"<{shown}>", column=f"c{text}c")))
    assert f"<{shown}>" in texts
    assert " ".join(f"c{text}c".split()) in texts
