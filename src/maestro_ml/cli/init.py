"""`maestro init`: a project for a table, with its reasons, and what comes of it."""

import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from maestro_ml.cli.console import console, progress_lines
from maestro_ml.cli.latest import LATEST
from maestro_ml.cli.request import Request
from maestro_ml.cli.scan import DateFormatOption, EncodingOption, TimezoneOption, with_date_format
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import MaestroError, RequestError
from maestro_ml.core.wording import plural
from maestro_ml.project import load_project
from maestro_ml.starting.location import EXAMPLES, Location, located, name_of
from maestro_ml.starting.scan import Scan
from maestro_ml.starting.scan import scan as scanned
from maestro_ml.starting.times import Times, times_of
from maestro_ml.validation.report.model import Report

if TYPE_CHECKING:
    from maestro_ml.starting.proposal import Part, Proposal

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_LEARNING = ("validate_training", "build_features", "train", "evaluate", "register")


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder; no file in it is overwritten.")],
    data: Annotated[str, typer.Option(metavar="FILE|URL|TABLE", help=f"{EXAMPLES[0].upper()}{EXAMPLES[1:]}.")],
    label: Annotated[str | None, typer.Option(help="The column to predict, or none (default: the likeliest).")] = None,
    time: Annotated[str | None, typer.Option(help="The column that says when a row happened, or none.")] = None,
    timezone: TimezoneOption = None,
    key: Annotated[list[str] | None, typer.Option(help="A column that identifies a row; repeatable.")] = None,
    date_format: DateFormatOption = None,
    encoding: EncodingOption = None,
    name: Annotated[str | None, typer.Option(help="The project's name (default: the folder's).")] = None,
    ci: Annotated[
        Literal["github", "gitlab", "none"],
        typer.Option(help="The CI system to write a file for; the file only calls maestro ci."),
    ] = "github",
    yes: Annotated[bool, typer.Option("--yes", help="Accept every proposal without asking.")] = False,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Validate and train with the new project.")] = True,
) -> None:
    """Propose a project for a table, write it, and validate and train with it."""
    from maestro_ml.starting.proposal import propose
    from maestro_ml.starting.writing import url_variable, write_project

    asks = not yes and sys.stdin.isatty() and sys.stderr.isatty()
    called = name or name_of(folder.resolve().name)
    if not _NAME.fullmatch(called):
        raise RequestError(f"--name {called}: a name starts with a letter and has letters, digits, _ and -")
    if (folder / "maestro.yaml").exists():
        raise RequestError(f"{folder / 'maestro.yaml'} already exists, and nothing was written; name another folder")
    with boundary(f"init {folder}"), located(data, encoding) as place:
        location = with_date_format(place, date_format)
        options = {"timezone": timezone} if timezone else {}
        with progress_lines() as progress:
            progress("reading every row")
            found = scanned(location, (), None if label == "none" else label, [time] if time else (), **options)
        if label == "none":
            found = _without_label(found)
        elif label is None and asks:
            found = _choose_label(found, location, [time] if time else [], options)
        times = times_of(found.table, time)
        zone = _zone(times, timezone, asks=asks)
        source = _kept(folder, replace(location, source=found.table.source))
        proposal = propose(found, called, source, times, zone, key)
        if variable := url_variable(location.source, location.name):
            os.environ[variable] = location.source["url"]  # for what follows in this process
            proposal.missing.append(f"set {variable} to the URL of the database: its password is in no file")
        for path in write_project(folder, proposal, data, ci):
            console().print(f"  wrote {path}", style="dim", markup=False)
        load_project(folder)
    _say(proposal, found)
    if run:
        raise typer.Exit(_run(folder, proposal))


def _without_label(found: Scan) -> Scan:
    return replace(found, label=None, why="--label none", leaks={})


def _choose_label(found: Scan, location: Location, years: list[str], options: dict[str, Any]) -> Scan:
    proposed = found.label.name if found.label else "none"
    answer = typer.prompt("Which column is a model to predict (or none)? --label", default=proposed, err=True)
    if answer == proposed:
        return found
    return _without_label(found) if answer == "none" else scanned(location, (), answer, years, **options)


def _zone(times: Times | None, timezone: str | None, *, asks: bool) -> "Part | None":
    from maestro_ml.starting.proposal import Part

    if times is None or not times.column.naive:
        return None
    if timezone:
        return Part(timezone, "it was named")
    if asks:
        return Part(typer.prompt("Which timezone are the times of? --timezone", default="UTC", err=True), "as answered")
    return Part("UTC", "the times carry none, so this is a guess; --timezone names another")


def _kept(folder: Path, location: Location) -> dict[str, Any]:
    """Return the source as the project names it; what was downloaded is kept in the project."""
    from maestro_ml.starting.writing import source_in

    if location.downloaded is None:
        return source_in(folder, location.source, location.name)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    copy = folder / "data" / location.downloaded.name
    if copy.exists():
        raise RequestError(f"{copy} already exists, and nothing was written; name another folder")
    shutil.copyfile(location.downloaded, copy)
    return location.source | {"path": f"data/{location.downloaded.name}"}


def _say(proposal: "Proposal", found: Scan) -> None:
    out = console()
    report: Report = found.report
    size = f"{plural(proposal.rows, 'row')}, {plural(len(proposal.columns), 'column')}"
    out.print(f"{proposal.dataset}: {size}", markup=False)
    for guess in found.guesses:
        out.print(f"  {guess}", markup=False)
    for finding in report.violated[:5]:
        out.print(f"  {finding.check.replace('_', ' ')}: {finding}", markup=False)
    if proposal.learning:
        part = proposal.learning["label"]
        out.print(f"  the model predicts '{part.value}' ({part.why})", markup=False)
    for text in proposal.missing:
        out.print(f"  {text}", markup=False)


def _exit_code_of(error: MaestroError) -> int:
    """Return the code of a training that ended: 1 where no model can be made of the table."""
    return MaestroError.exit_code if error.exit_code == MaestroError.exit_code else 1


def _run(folder: Path, proposal: "Proposal") -> int:
    """Run what the project can, and return the exit code."""
    code = 0
    if not proposal.rows:
        return 0
    end: Any = LATEST if proposal.end else None
    outcomes = []
    for steps, target in ((("validate",), proposal.dataset), (_LEARNING, proposal.model)):
        if not target:
            continue
        request = Request.of(folder, end=end, target=target)
        try:
            records = run_sequence(request, steps, target)
        except MaestroError as error:
            if steps is not _LEARNING:
                raise
            sys.stderr.write(f"maestro: {error}\n")
            outcomes.append(f"no model was registered: {error}")
            code = max(code, _exit_code_of(error))
            continue
        code = max(code, int(any(record.result.outcome != "passed" for record in records)))
        outcomes.append(records[-1].result.summary)
    out = console()
    out.print()
    for text in outcomes:
        out.print(text, markup=False)
    out.print(f"the project is in {folder}; {folder / 'README.md'} says how to go on", markup=False)
    return code
