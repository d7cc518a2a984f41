"""Write the demo's figures as a section of docs/proof.md, and leave other sections as they are."""

import os
import platform
import re
from pathlib import Path

import psutil

from maestro_ml.demo.progress import DemoRun
from maestro_ml.demo.summary import Figures, records_of
from maestro_ml.project import Project


def write_proof(file: Path, project: Project, runs: list[DemoRun], figures: Figures) -> None:
    """Write the figures of the demo into a Markdown file."""
    write_section(file, "demo", _section(project, runs, figures))


def write_section(file: Path, name: str, content: str) -> None:
    """Replace the section of that name, or append it; leave the rest as it is."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{begin}\n{content}\n{end}"
    text = file.read_text(encoding="utf-8") if file.exists() else "# Proof\n\nFigures that runs wrote themselves.\n"
    pattern = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    text = pattern.sub(lambda _: section, text) if pattern.search(text) else f"{text.rstrip()}\n\n{section}\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _section(project: Project, runs: list[DemoRun], figures: Figures) -> str:
    memory = psutil.virtual_memory().total / 2**30
    lines = [
        "## The demo",
        "",
        f"`make demo PROOF=1` on {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}.",
        f"{figures.total:.0f} s in all, Airflow ready after {figures.ready:.0f} s, at most {figures.peak_mb:.0f} MB"
        " for all processes together (shared pages counted once).",
        "",
        "| DAG | step | about | seconds | peak MB | outcome |",
        "|---|---|---|---:|---:|---|",
    ]
    for run in runs:
        for record in records_of(project, run):
            result = record.result
            figures_of_step = f"{record.seconds:.1f} | {record.peak_mb:.0f} | {result.outcome}"
            lines.append(f"| {run.dag} | {record.step} | {record.target} | {figures_of_step} |")
    return "\n".join(lines)
