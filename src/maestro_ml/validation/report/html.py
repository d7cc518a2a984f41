"""The report as one HTML file for people."""

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from maestro_ml.core.directions import with_visible_directions
from maestro_ml.core.node import format_duration
from maestro_ml.core.wording import exact, number, percent
from maestro_ml.validation.drift.effect import effect_size
from maestro_ml.validation.report.charts import ends_of, histogram_svg, line_svg
from maestro_ml.validation.report.explanations import why_it_matters
from maestro_ml.validation.report.model import Report

if TYPE_CHECKING:
    from jinja2 import Environment

LARGEST = 200_000  # bytes
_METRICS = {
    "rows": "Rows",
    "errors": "Errors",
    "warnings": "Warnings",
    "staleness_seconds": "Seconds from the newest row to the end",
    "anomaly_rate": "Share of anomalous rows",
    "drifted_columns": "Columns drifted",
    "missing_share": "Missing",
    "median": "Median",
    "drift": "Drift",
}


@dataclass(frozen=True)
class _Limits:
    """How much of a wide dataset stands in the page; the JSON beside it has everything."""

    columns: int
    problems: int  # of one check
    findings: int  # of one stage
    configuration: int  # characters


_LIMITS = (
    _Limits(60, 25, 150, 30_000),
    _Limits(40, 15, 80, 15_000),
    _Limits(20, 10, 40, 8_000),
    _Limits(8, 5, 20, 4_000),
    _Limits(2, 2, 5, 1_000),
)


def render_html(report: Report) -> str:
    """Write one self-contained page under 200 kB: no script, nothing fetched, everything from the data escaped.

    A page that would be larger shows fewer columns and findings, and says how many it leaves to the JSON.
    """
    import yaml

    template = _environment().get_template("report.html.j2")
    # once, since that of a wide contract takes long; libyaml is faster and escapes what people can read
    configuration = yaml.safe_dump(report.configuration, sort_keys=False, allow_unicode=True)
    for limits in _LIMITS:
        page = template.render(**_content(report, limits), configuration=configuration)
        if len(page.encode()) < LARGEST:
            return page
    return page


def _content(report: Report, limits: _Limits) -> dict[str, Any]:
    trends = report.trends.series if report.trends else ()
    shown = report.profiles[: limits.columns]
    return {
        "report": report,
        "limits": limits,
        "stages": {stage: [f for f in report.findings if f.stage == stage] for stage in report.stages},
        "problems": [
            list(alike) for _, alike in groupby(report.violated, key=lambda f: (f.severity, f.stage, f.check))
        ],
        "profiles": shown,
        "total_columns": max(len(report.profiles), len(report.configuration.get("columns", {}))),
        "anchors": {profile.column: f"column-{i}" for i, profile in enumerate(shown)},
        "troubled": {f.column for f in report.violated if f.column},
        "drift": {f.column: effect_size(f) for f in reversed(report.drift_tests)},
        "odd_rows": [f for f in report.findings if f.stage == "anomalies" and f.sample],
        "overall": [series for series in trends if series.column is None],
        "over_time": {p.column: [s for s in trends if s.column == p.column] for p in shown},
        "labels": _METRICS,
        "why": why_it_matters,
    }


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("maestro_ml", "validation/report/templates"),
        autoescape=True,
        finalize=_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "number": number,
        "exact": exact,
        "duration": lambda duration: format_duration(duration) or "0s",
        "cut": _cut,
        "histogram": histogram_svg,
        "ends": ends_of,
    }
    environment.globals |= {"line": line_svg, "shown": _shown}
    return environment


def _plain(value: Any) -> Any:
    """Return what is written, with visible directions; markup stays markup."""
    return with_visible_directions(value) if isinstance(value, str) else value


def _cut(text: str, length: int = 120) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _shown(metric: str, value: float | None) -> str:
    """Return a metric's value as people read it."""
    if value is None:
        return "–"  # noqa: RUF001
    if metric == "drift":
        return f"{value:.4f}"
    return percent(value) if metric in ("anomaly_rate", "missing_share") else number(value)
