"""The reference of the metrics that steps send, of those that judge models, and of the alerts."""

import re
from pathlib import Path

from maestro_ml.metrics.registry import all_metrics
from maestro_ml.observability.metrics import CATALOGUE, COUNTERS, ORIGIN
from maestro_ml.project.platform import DEFAULTS, FEAST_DEFAULTS

ALERTS = Path(__file__).parents[1] / "charts/statsd/files/alerts"


def sent_metrics() -> str:
    """Return one row a metric that a step sends, or that the listener counts."""
    rows = [
        f"| `{each.name}` | `{each.name.replace('.', '_')}` | {_code((*each.labels, *ORIGIN))} | {each.help} |"
        for each in CATALOGUE
    ]
    rows += [
        f"| `{each.name}` | `airflow_{each.name.replace('.', '_')}` | {_code(each.labels)} | {each.help} |"
        for each in COUNTERS
    ]
    return "\n".join(["| metric | in Prometheus | labels | meaning |", "|---|---|---|---|", *rows])


def model_metrics() -> str:
    """Return one row a metric that a gate can name."""
    rows = [
        f"| `{name}` | {each.label} | {', '.join(each.tasks)} | {'more' if each.higher_is_better else 'less'} "
        f"| {'yes' if each.needs_probabilities else ''} |"
        for name, each in all_metrics().items()
    ]
    return "\n".join(["| metric | name | tasks | better is | needs probabilities |", "|---|---|---|---|---|", *rows])


def runbooks() -> str:
    """Return the rows of the alerts, as they stand beside the runbooks."""
    return alerts().replace("(../runbooks/", "(")


def alerts() -> str:
    """Return one row an alert, with its severity, its summary and its runbook."""
    rows = []
    for path in sorted(ALERTS.glob("*.yaml")):
        text = path.read_text()
        severity, summary = (re.search(rf"^  {key}: (.+)$", text, re.MULTILINE) for key in ("severity", "summary"))
        if not severity or not summary:
            raise SystemExit(f"{path} has no severity or no summary")
        plain = re.sub(r"{{`{{ (?:\$labels\.)?\$?(\w+)[^`]*`}}", r"(\1)", summary[1].strip('"'))
        plain = re.sub(r"{{.*?}}", "...", plain)
        rows.append(f"| [{path.stem}](../runbooks/{path.stem}.md) | {severity[1]} | {plain} |")
    return "\n".join(["| alert | severity | says |", "|---|---|---|", *rows])


def variables() -> str:
    """Return one row a key of the project file that an environment variable fills in."""
    rows = [f"| `{'.'.join(path)}` | `{name}` |" for path, name in (*DEFAULTS.items(), *FEAST_DEFAULTS.items())]
    return "\n".join(["| key | variable |", "|---|---|", *rows])


def _code(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)
