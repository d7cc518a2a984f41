"""The report as a short Markdown summary, for a pull request or a CI job's page (GitHub flavour)."""

import re

from maestro_ml.core.directions import with_visible_directions
from maestro_ml.core.findings import Finding
from maestro_ml.validation.report.model import Report

_MARKS = {"pass": "✅", "warn": "⚠️", "fail": "❌"}
_MOST_ROWS, _LONGEST = 50, 500
# Inline Markdown, HTML, tables, GitHub's mathematics and links to issues and addresses.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&@#$]|:(?=//))")


def render_markdown(report: Report) -> str:
    """Verdict, window, counts a stage, and what is violated, errors first; what the data holds stays plain text."""
    lines = [
        f"## {_MARKS[report.verdict]} {plain_text(report.dataset)}: {report.verdict}",
        "",
        f"{plain_text(report.summary)}. {plain_text(report.scope)}.",
        "",
        "| stage | checks | errors | warnings |",
        "|---|--:|--:|--:|",
    ]
    for stage in report.stages:
        checks = sum(f.stage == stage for f in report.findings)
        lines.append(f"| {stage} | {checks} | {report.count('error', stage)} | {report.count('warn', stage)} |")
    violated = report.violated
    if violated:
        lines += ["", "| severity | check | column | found |", "|---|---|---|---|"]
        lines += [_row(finding) for finding in violated[:_MOST_ROWS]]
    if len(violated) > _MOST_ROWS:
        lines += ["", f"and {len(violated) - _MOST_ROWS} more, in report.json."]
    return "\n".join(lines) + "\n"


def _row(finding: Finding) -> str:
    check = f"{finding.stage}: {finding.check.replace('_', ' ')}"
    return f"| {finding.severity} | {check} | {plain_text(finding.column or '')} | {plain_text(finding.message)} |"


def plain_text(text: str) -> str:
    """Escape text so that Markdown and the HTML in it leave it alone, on one line."""
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return _SPECIAL.sub(r"\\\1", " ".join(with_visible_directions(cut).split()))
