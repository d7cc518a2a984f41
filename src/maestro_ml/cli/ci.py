"""`maestro ci`: everything that can be known of a project before it is deployed, one line each."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from maestro_ml.cli.console import console, progress_lines
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.latest import LATEST
from maestro_ml.cli.options import JsonOption, ProjectOption, parse_end
from maestro_ml.cli.request import Request
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.cli.summaries import Summaries
from maestro_ml.core.errors import MaestroError
from maestro_ml.core.node import parse_duration
from maestro_ml.core.wording import plural
from maestro_ml.project import Project, load_project
from maestro_ml.rehearsal.ci import Line, airflow_lines, failed, feature_line
from maestro_ml.steps.validate import JSON
from maestro_ml.validation import Report

_COLOURS = {"pass": "green", "skip": "yellow", "fail": "red"}
_MARKS = {"pass": "✅", "skip": "⏭️", "fail": "❌"}


_ALL_ROWS = "all rows: it has no time column, and --rows 100000 would limit them"


class Sample(NamedTuple):
    """How much of the data is looked at: of tables with a time column, and of those without; None: all."""

    time: timedelta | None
    rows: int | None


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)  # type: ignore[no-any-return]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def ci(
    project: ProjectOption = Path(),
    at: Annotated[
        datetime | None,  # or LATEST, which typer cannot say
        typer.Option("--at", parser=parse_end, help="End of the windows (default: just after each newest row)."),
    ] = None,
    sample: Annotated[
        timedelta | None,
        typer.Option(
            parser=_duration, help="Check only a window of this length, such as 1d (default: each dataset's window)."
        ),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(min=1, help="Check only the first rows of tables without a time column (default: all)."),
    ] = None,
    data: Annotated[bool, typer.Option("--data/--no-data", help="Validate the datasets.")] = True,
    summary: Annotated[Path | None, typer.Option(help="Write a summary to this file as Markdown.")] = None,
    json: JsonOption = False,
) -> None:
    """Check a project before it is deployed: file, DAGs, pods, feature repo, and its data in a dry run."""
    Summaries(None, summary)
    parts: dict[str, str] = {}
    lines = []
    for line in _lines(project, at, Sample(sample, rows), parts, data=data):
        lines.append(line)
        _say(line)
    code = max(line.code for line in lines)
    if summary:
        Summaries(None, summary).write_text(_markdown(lines, parts))
    if json:
        outcome = "failed" if code else "passed"
        document = {"outcome": outcome, "exit_code": code, "lines": [line.document() for line in lines]}
        print_document(document)
    raise typer.Exit(code)


def _lines(
    folder: Path,
    at: datetime | Literal["latest"] | None,
    sample: Sample,
    parts: dict[str, str],
    *,
    data: bool,
) -> Iterator[Line]:
    """Try one thing after the other; nothing more where the project file is wrong."""
    try:
        project = load_project(folder)
    except MaestroError as error:
        yield failed("project", error)
        return
    counts = f"{plural(len(project.datasets), 'dataset')}, {plural(len(project.models), 'model')}"
    yield Line("project", "pass", f"{project.name}: {counts}")
    with progress_lines() as progress:
        progress("importing the DAGs")
        yield from airflow_lines(project, folder if folder.is_dir() else folder.parent)
        progress("comparing the feature repo with its registry")
        yield feature_line(project)
    if not data:
        yield Line("data", "skip", "--no-data")
        return
    with tempfile.TemporaryDirectory(prefix="maestro-ci-") as store:
        for name in project.datasets:
            yield _dry_run(project, folder, name, at or LATEST, sample, store, parts)


def _dry_run(
    project: Project,
    folder: Path,
    name: str,
    at: datetime | Literal["latest"],
    sample: Sample,
    store: str,
    parts: dict[str, str],
) -> Line:
    """Validate a dataset, with a run store that is thrown away."""
    from maestro_ml.validation.report.markdown import render_markdown

    what = f"data of {name}"
    timed = project.datasets[name].timestamp is not None
    try:
        request = Request.of(folder, end=at if timed or at != LATEST else None, store=store, target=name)
        if sample.time if timed else sample.rows:
            request = replace(request, project=_without_whole_windows(request.project, name))
        if sample.time and timed:
            request = replace(request, start=request.end - sample.time)
        [record] = run_sequence(request, ["validate"], name, {"validate": {"most_rows": sample.rows}})
        report = request.folder("validate", name).read_model(JSON, Report)
    except MaestroError as error:
        return failed(what, error)
    parts[name] = render_markdown(report)
    passed = record.result.outcome == "passed"
    not_less = () if timed or sample.rows or not sample.time else (_ALL_ROWS,)
    return Line(what, "pass" if passed else "fail", record.result.summary, 0 if passed else 1, not_less)


def _without_whole_windows(project: Project, name: str) -> Project:
    """Return the project without what only a window of the dataset's own length, or the whole table, can show."""
    spec = project.datasets[name]
    checks = tuple(check for check in spec.checks if not check.needs_own_length)
    # the first rows of a table are no random ones
    drift = spec.drift if spec.timestamp else None
    less = spec.model_copy(update={"checks": checks, "drift": drift})
    return project.model_copy(update={"datasets": {**project.datasets, name: less}})


def _say(line: Line) -> None:
    out = console()
    out.print(f"[{_COLOURS[line.level]}]{line.level:4}[/] {line.what}: ", end="")
    out.print(line.found, markup=False)
    for detail in line.details:
        out.print(f"       {detail}", style="dim", markup=False)


def _markdown(lines: list[Line], parts: dict[str, str]) -> str:
    from maestro_ml.validation.report.markdown import plain_text

    verdict = "failed" if any(line.code for line in lines) else "passed"
    text = [f"# {_MARKS['fail' if verdict == 'failed' else 'pass']} maestro ci: {verdict}", "", "| | what | found |"]
    text.append("|---|---|---|")
    for line in lines:
        words = [line.found, *line.details]
        cell = "<br>".join(map(plain_text, words))
        text.append(f"| {_MARKS[line.level]} | {plain_text(line.what)} | {cell} |")
    return "\n".join((*text, "", *parts.values()))
