"""The pages as HTML: everything is escaped, and the style is that of the validation report."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from maestro_ml.core.directions import with_visible_directions
from maestro_ml.core.wording import number

if TYPE_CHECKING:
    from jinja2 import Environment

# Metric, name for people, and labels of the samples that count.
MEASURED: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("maestro.validation.rows", "Rows", {}),
    ("maestro.validation.findings", "Errors", {"severity": "error"}),
    ("maestro.validation.findings", "Warnings", {"severity": "warn"}),
    ("maestro.validation.staleness_seconds", "Seconds from the newest row to the end", {}),
    ("maestro.validation.drift_share", "Share of columns drifted", {}),
    ("maestro.validation.anomaly_rate", "Share of anomalous rows", {}),
)


def render(page: str, **content: Any) -> str:
    """Return a page by the name of its template."""
    return _environment().get_template(f"{page}.html.j2").render(**content)


@cache
def _environment() -> "Environment":
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    from maestro_ml.pages.verdicts import verdict_of
    from maestro_ml.validation.report.charts import line_svg

    folders = ("pages/templates", "validation/report/templates")
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("maestro_ml", folder) for folder in folders]),
        autoescape=True,
        finalize=lambda value: with_visible_directions(value) if isinstance(value, str) else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": _moment, "number": lambda value: "–" if value is None else number(value)}  # noqa: RUF001
    environment.filters["measure"] = lambda step, metric, labels: step.metric(metric, **labels)
    environment.globals |= {"line": line_svg, "verdict": verdict_of, "measured": MEASURED}
    return environment


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M}"
