"""`maestro scan`: what a table holds and what looks wrong with it, without a project."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from maestro_ml.cli.browser import open_report
from maestro_ml.cli.console import console, progress_lines, visible
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.findings import print_violated
from maestro_ml.cli.options import JsonOption
from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import SystemFailed
from maestro_ml.core.library_errors import reason_of
from maestro_ml.core.secrets import without_passwords
from maestro_ml.core.wording import number, percent, plural
from maestro_ml.starting.columns import Column
from maestro_ml.starting.location import EXAMPLES, Location, located
from maestro_ml.starting.scan import Scan
from maestro_ml.starting.scan import scan as scanned
from maestro_ml.validation.profile.model import ColumnProfile
from maestro_ml.validation.report.html import render_html

_MOST_COLUMNS = 40
_BARS = "▁▂▃▄▅▆▇█"
_LONGEST = 36

TableArgument = Annotated[str, typer.Argument(metavar="FILE|URL|TABLE", help=f"{EXAMPLES[0].upper()}{EXAMPLES[1:]}.")]
LabelOption = Annotated[str | None, typer.Option(help="The column to predict (default: the likeliest).")]
TimezoneOption = Annotated[
    str | None, typer.Option(help="The timezone of times without one, such as Europe/Berlin (default: UTC).")
]
EncodingOption = Annotated[
    str | None,
    typer.Option(help="The encoding of a CSV file, such as cp1252 or shift_jis (default: detected)."),
]
DateFormatOption = Annotated[
    str | None, typer.Option(help="The format of dates that can be read in several ways, such as %d/%m/%Y.")
]


def scan(
    table: TableArgument,
    check: Annotated[
        list[str] | None,
        typer.Option(help="A check, such as unique:id, missing:amount or range:amount:min=0; repeatable."),
    ] = None,
    label: LabelOption = None,
    timezone: TimezoneOption = None,
    date_format: DateFormatOption = None,
    encoding: EncodingOption = None,
    report: Annotated[
        Path | None, typer.Option(help="The file for the page (default: scan-NAME.html in this folder).")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show the page in a browser.")] = False,
    json: JsonOption = False,
) -> None:
    """Describe a table without a project: columns, types, missing values, and what looks wrong."""
    with (
        boundary(f"scan of {without_passwords(table)}"),
        progress_lines() as progress,
        located(table, encoding) as place,
    ):
        progress("reading every row")
        location = with_date_format(place, date_format)
        found = scanned(location, check or (), label, **({"timezone": timezone} if timezone else {}))
        page = report or Path(f"scan-{location.name}.html")
        _write(page, render_html(found.report))
    if json:
        print_document(found.report.model_dump(mode="json"))
    else:
        _print(found)
        sys.stderr.write(f"\nreport: {page}\ncontinue with: {_continuation(table, found, label)}\n")
    if open_:
        open_report(str(page))
    raise typer.Exit(1 if found.report.verdict == "fail" else 0)


def with_date_format(location: Location, date_format: str | None) -> Location:
    """Return the location, with a format of its dates where one is given."""
    if not date_format:
        return location
    times = any(sign in date_format for sign in ("%H", "%I", "%T"))
    return replace(location, source=location.source | {"timestamp_format" if times else "date_format": date_format})


def _write(path: Path, text: str) -> None:
    """Write a file; raises SystemFailed if it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SystemFailed(f"{path} cannot be written: {reason_of(error)}") from error


def _continuation(table: str, found: Scan, label: str | None) -> str:
    """Return the command that makes a project of the table."""
    chosen = ["--label", label] if label else []
    return shlex.join(["maestro", "init", found.report.dataset, "--data", without_passwords(table), *chosen])


def _print(found: Scan) -> None:
    out = console(sys.stdout)
    rows, columns = found.report.rows or 0, found.table.columns
    out.print(f"{found.report.dataset}: {plural(rows, 'row')}, {plural(len(columns), 'column')}", markup=False)
    for guess in found.guesses:
        out.print(f"  {guess}", markup=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("column", "type"):
        table.add_column(heading, no_wrap=True)
    for heading in ("missing", "distinct"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("values", no_wrap=True)
    table.add_column("", no_wrap=True)
    by_name = {profile.column: profile for profile in found.report.profiles}
    for column in columns[:_MOST_COLUMNS]:
        profile = by_name.get(column.name)
        missing = percent(column.missing / column.rows) if column.missing and column.rows else "-"
        shown = _values(profile, column)
        bars = _bars(profile.current.counts) if profile else ""
        table.add_row(_plain(column.name), column.type, missing, f"{column.distinct:,}", _plain(shown), bars)
    out.print(table)
    if len(columns) > _MOST_COLUMNS:
        out.print(f"and {len(columns) - _MOST_COLUMNS:,} more columns")
    if found.label:
        out.print(f"\nlikely label: {found.label.name} ({found.why})", markup=False)
    if found.report.violated:
        out.print("\nwhat looks wrong")
        print_violated(found.report.violated, out)


def _values(profile: ColumnProfile | None, column: Column) -> str:
    if profile and profile.top:
        return ", ".join(_cut(top.value, 14) for top in profile.top[:3])
    if column.low is None:
        return ""
    if column.is_number:
        return f"{number(column.low)} to {number(column.high)}"
    return f"{_cut(str(column.low))} to {_cut(str(column.high))}" if column.type != "string" else _cut(str(column.low))


def _bars(counts: tuple[int, ...]) -> str:
    highest = max(counts, default=0)
    return "".join(_BARS[min(7, 8 * count // highest)] if count else " " for count in counts) if highest else ""


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(visible(text))


def _cut(text: str, length: int = _LONGEST) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
