"""`maestro doctor`: what this machine and this project need to run here, and what fixes it."""

from pathlib import Path

import typer

from maestro_ml.cli.console import console, progress_lines
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import JsonOption, ProjectOption
from maestro_ml.doctor.project import health_of

_COLOURS = {"pass": "green", "warn": "yellow", "fail": "red"}


def doctor(project: ProjectOption = Path(), json: JsonOption = False) -> None:
    """Check this machine, the project and what they need: data, stores, Airflow, MLflow; suggest fixes."""
    with progress_lines() as progress:
        progress("looking")
        found = list(health_of(project))
    failed = any(each.level == "fail" for each in found)
    out = console()
    for each in found:
        out.print(f"[{_COLOURS[each.level]}]{each.level:4}[/] {each.what}: ", end="")
        out.print(each.found, markup=False)
        if each.remedy and each.level != "pass":
            out.print(f"       try: {each.remedy}", markup=False)
    if json:
        checks = [each.document() for each in found]
        print_document({"outcome": "failed" if failed else "passed", "checks": checks})
    raise typer.Exit(1 if failed else 0)
