"""The page for people: one small file that fetches and runs nothing, whatever the data, and that everybody can read."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from maestro_ml.core.findings import ShownRows, finding
from maestro_ml.validation import Report
from maestro_ml.validation.history.runs import History, RunMetrics
from maestro_ml.validation.report.html import render_html

PREVIOUS = {"kind": "fixed", "start": "2023-12-01", "end": "2024-01-01"}
EVIL = "</style><script>alert('x')</script>&\"'"
VOID = ("meta", "br", "hr", "img", "link", "input", "path", "circle")


class Page(HTMLParser):
    """The page's elements with their attributes; fails on a tag that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self._open)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes, _ in self.elements if tag in tags]


@pytest.fixture
def report(judge, events) -> Report:
    """Provide every stage, a reference, a history, failing rows, a personal column."""
    rng = np.random.default_rng(1)

    def month(start: str, shift: float) -> pd.DataFrame:
        columns = {"x": rng.normal(shift, 1, 300), "kind": rng.choice(["a", "b"], 300), "who": ["Ada"] * 300}
        return events(start, **columns)

    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}, "kind": {"type": "string"}}
    columns |= {"who": {"type": "string", "pii": True}}
    before = [
        RunMetrics(
            run="r",
            start=pd.Timestamp("2024-01-01", tz="UTC").to_pydatetime() - timedelta(days=d),
            end=pd.Timestamp("2024-02-01", tz="UTC").to_pydatetime() - timedelta(days=d),
            created=pd.Timestamp("2024-02-01", tz="UTC").to_pydatetime() - timedelta(days=d),
            verdict="pass",
            values={"rows": {"": 300.0 + d}, "missing_share": {"x": 0.01 * d}},
        )
        for d in range(1, 9)
    ]
    report = judge(
        pd.concat([month("2023-12-05", 0), month("2024-01-01", 2)]),
        columns=columns,
        checks=[{"check": "range", "column": "x", "max": 2}, {"check": "allowed", "column": "kind", "values": ["a"]}],
        reference=PREVIOUS,
        drift={},
        history=History(tuple(before), ("2024-01-01T000000Z-broken.parquet",)),
    )
    shown = ShownRows(columns=("at", "x", "who"), rows=(("2024-01-02", "9.5", "•••"), ("2024-01-03", None, "•••")))
    findings = [f.model_copy(update={"sample": shown}) if f.violated else f for f in report.findings]
    odd = finding("anomalies", "isolation_forest", "warn", "1 of 300 rows are anomalous", violated=False)
    findings.append(odd.model_copy(update={"sample": shown}))
    return report.model_copy(update={"findings": tuple(findings), "stages": (*report.stages, "anomalies")})


def wide(report: Report, columns: int) -> Report:
    """Return the report with this many columns, each with its findings, profile and trends."""
    name = "a_column_with_a_rather_long_name_{}".format
    (profile,) = [p for p in report.profiles if p.column == "x"]
    findings = [
        finding("quality", check, "error", "1 of 3 (33.33 %) outside" * 3, violated=i % 2 == 0, column=name(i))
        for i in range(columns)
        for check in ("range", "allowed", "missing")
    ]
    series = [s for s in report.trends.series if s.column == "x"]
    spread = [s.model_copy(update={"column": name(i)}) for i in range(columns) for s in series]
    return report.model_copy(
        update={
            "findings": tuple(findings),
            "profiles": tuple(profile.model_copy(update={"column": name(i)}) for i in range(columns)),
            "trends": report.trends.model_copy(update={"series": tuple(spread)}),
            "configuration": {"columns": {name(i): {"type": "number", "nullable": False} for i in range(columns)}},
        }
    )


def test_it_fetches_and_runs_nothing(report):
    text = render_html(report)
    page = Page(text)
    assert not page.all("script", "link", "img", "iframe", "object", "embed", "form", "base")
    for attributes in page.all(*{tag for tag, *_ in page.elements}):
        assert not [name for name in attributes if name == "src" or name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import|https?:|//[a-z]", text)


@pytest.mark.parametrize("columns", [5, 60, 500])
def test_however_wide_it_stays_under_200_kb_and_says_what_it_leaves_out(report, columns):
    many = wide(report, columns)
    text = render_html(many)
    assert len(text.encode()) < 200_000
    shown = text.count('class="histogram"')
    assert shown == 5 if columns == 5 else shown >= 20
    assert (f"of {columns} columns" in text) == (shown < columns)
    assert ("more, in report.json" in text) == (columns > 25)


def test_long_names_and_messages_cannot_make_it_large(report):
    long = "n" * 50_000
    found = [finding("quality", "range", "error", long, violated=True, column=f"{long}{i}") for i in range(300)]
    text = render_html(report.model_copy(update={"findings": tuple(found)}))
    assert len(text.encode()) < 200_000


def test_names_and_values_from_outside_are_escaped(judge, events, report):
    frame = events(**{EVIL: [EVIL, "a"], "n": [1, 2]})
    hostile = judge(frame, "schema", "quality", checks=[{"check": "allowed", "column": EVIL, "values": ["a"]}])
    bad = finding("quality", "allowed", "error", EVIL, violated=True, column=EVIL)
    bad = bad.model_copy(update={"sample": ShownRows(columns=(EVIL,), rows=((EVIL,),))})
    (profile,) = [p for p in report.profiles if p.column == "x"]
    renamed = profile.model_copy(update={"column": EVIL})
    for page in (
        hostile,
        report.model_copy(
            update={"findings": (bad,), "profiles": (renamed,), "dataset": EVIL, "configuration": {EVIL: 1}}
        ),
    ):
        text = render_html(page)
        assert not Page(text).all("script")
        assert "alert('x')" not in text
        assert text.count("</style>") == 1
        assert EVIL in "".join(Page(text).texts)


def test_headings_are_in_order(report):
    levels = [int(tag[1]) for tag, *_ in Page(render_html(report)).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_tables_say_what_they_are(report):
    page = Page(render_html(report))
    assert len(page.all("table")) == len(page.all("caption")) > 5
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))


def test_every_picture_has_words(report):
    pictures = Page(render_html(report)).all("svg")
    assert len(pictures) > 5
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in pictures)
    histogram = next(svg["aria-label"] for svg in pictures if svg["class"] == "histogram")
    assert re.match(r"Histogram of x: now half of the values between .* and .*; in the reference half", histogram)


def test_what_scrolls_can_be_reached_by_keyboard(report):
    regions = [a for a in Page(render_html(report)).all("div") if a.get("role") == "region"]
    assert regions
    assert all(a.get("tabindex") == "0" and (a.get("aria-label") or a.get("aria-labelledby")) for a in regions)


def test_links_lead_somewhere_and_no_id_stands_twice(report):
    page = Page(render_html(report))
    ids = [a["id"] for _, a, _ in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"] for a in page.all("a")} <= {f"#{name}" for name in ids}
    assert {a["aria-labelledby"] for _, a, _ in page.elements if "aria-labelledby" in a} <= set(ids)


def test_sections_stand_in_the_order_people_need_them(report):
    text = render_html(report)
    ids = ["wrong", "columns", "trends", "anomalies", "checks", "judged"]
    places = [text.index(f'<h2 id="{name}"') for name in ids]
    assert places == sorted(places)
    assert text.index('class="badge fail"') < places[0]


def test_failing_and_anomalous_rows_are_shown(report):
    text = render_html(report)
    assert "Rows that fail: range of x" in text
    assert "The most anomalous rows of the window" in text
    assert '<i class="soft">null</i>' in text


def test_a_personal_column_shows_no_value(report):
    text = render_html(report)
    assert "its values are not shown" in text
    assert ">Ada<" not in text


def test_columns_that_could_not_be_described_are_not_passed_over(report):
    assert "No column could be described" in render_html(report.model_copy(update={"profiles": ()}))
    assert "No column could be described" not in render_html(report)


def test_trends_say_now_lowest_and_highest(report):
    text = render_html(report)
    assert "Rows over 9 runs: 300 to 308, now 300" in text
    assert "Missing over 9 runs: 0 % to 8 %, now 0 %" in text
    assert "2024-01-01T000000Z-broken.parquet" in text


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_enough_for_aa(report, scheme):
    """WCAG 2.2: 4.5 for text, 3 for what pictures are read by."""
    blocks = re.findall(r":root \{(.*?)\}", render_html(report), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w+);", blocks[scheme]))

    def ratio(ink: str, ground: str) -> float:
        light, dark = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    texts = [(ink, ground) for ink in ("ink", "soft", "link") for ground in ("page", "card")]
    texts += [(tone, f"{tone}-bg") for tone in ("pass", "warn", "fail")]
    assert {pair: round(ratio(*pair), 2) for pair in texts if ratio(*pair) < 4.5} == {}
    assert {ink: round(ratio(ink, "card"), 2) for ink in ("now", "then", "edge") if ratio(ink, "card") < 3} == {}


def test_every_kind_of_drift_test_stands_in_the_table(judge, events):
    frame = pd.concat(
        [
            events("2023-12-05", a=list(range(60)), b=["x", "y"] * 30),
            events(a=list(range(40, 100)), b=["x"] * 60),
        ]
    )
    for tests in ({"numeric": "psi", "categorical": "chi_square"}, {"numeric": "wasserstein", "categorical": "psi"}):
        report = judge(frame, "drift", reference=PREVIOUS, drift={"tests": tests})
        text = render_html(report)
        assert len(report.drift_tests) == 2
        for found in report.drift_tests:
            assert f'<th scope="row">{found.column}</th>' in text
            assert f"{found.numbers['statistic']:.4f}" in text


def test_the_page_has_every_digit_of_the_ends_and_names_infinities(judge, events):
    frame = events(n=[2**62 + 1, 1, 2], x=[np.inf, -np.inf, 1.0])
    texts = Page(render_html(judge(frame, "schema"))).texts
    page = " ".join(texts)
    assert f"{2**62 + 1:,}" in page
    assert "-∞" in page
    assert "Infinite, ∞" in page
    assert "infinite ones in the bins at the ends" in page
