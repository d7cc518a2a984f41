"""`maestro import`: the checks of another tool, as a dataset of maestro.yaml."""

import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from maestro_ml.cli.console import console
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import JsonOption
from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import RequestError, SystemFailed
from maestro_ml.core.library_errors import reason_of
from maestro_ml.importers.dataset import Imported, as_dataset
from maestro_ml.importers.read import TOOLS, read_file
from maestro_ml.importers.suite import Suite
from maestro_ml.importers.writing import project, snippet
from maestro_ml.project import load_project
from maestro_ml.starting.location import located, name_of

Tool = Enum("Tool", {name: name for name in TOOLS}, type=str)  # type: ignore[misc]


def import_suite(
    tool: Annotated[Tool, typer.Argument(help="The tool of the file: Great Expectations, Soda or dbt.")],
    file: Annotated[Path, typer.Argument(help="An expectation suite, a file of checks, a contract, or a schema file.")],
    table: Annotated[str | None, typer.Option(help="The table to import, if the file has several.")] = None,
    time: Annotated[str | None, typer.Option(help="The column that says when a row happened.")] = None,
    data: Annotated[
        str | None, typer.Option(metavar="FILE|URL|TABLE", help="The table itself; its types become the contract.")
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a new project to this folder; needs --data. No file is overwritten."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Print another tool's suite as contract and checks for maestro.yaml, and list what has no counterpart."""
    name = tool.value
    origin = f"{file.name} of {TOOLS[name]}"
    with boundary(f"import of {file}"):
        suites = _chosen(read_file(name, file, time), table, file)
        if into and not data:
            raise RequestError("--into needs --data: a project names the table that it checks")
        if into and (into / "maestro.yaml").exists():
            raise RequestError(f"{into / 'maestro.yaml'} already exists, and nothing was written: name another folder")
        datasets = _with_data(suites, data, time, into, file) if data else _without_data(suites, time)
        if into:
            _write(into / "maestro.yaml", project(name_of(into.resolve().name), datasets[0], origin))
            load_project(into)
    if json:
        print_document({"tool": name, "datasets": {each.name: _document(each) for each in datasets}})
    elif not into:
        sys.stdout.write(snippet(datasets, origin))
    _say(datasets, into)


def _chosen(suites: list[Suite], table: str | None, file: Path) -> list[Suite]:
    if table is None:
        return [suite for suite in suites if suite.items]
    chosen = [suite for suite in suites if suite.table == table]
    if not chosen:
        raise RequestError(f"{file} has no table '{table}'; there are: {', '.join(suite.table for suite in suites)}")
    return chosen


def _without_data(suites: list[Suite], time: str | None) -> list[Imported]:
    settings = {"timestamp": time} if time else {}
    return [as_dataset(suite, name_of(suite.table), settings) for suite in suites]


def _with_data(suites: list[Suite], data: str, time: str | None, into: Path | None, file: Path) -> list[Imported]:
    from maestro_ml.starting.columns import described
    from maestro_ml.starting.writing import source_in

    if len(suites) > 1:
        names = ", ".join(suite.table for suite in suites)
        raise RequestError(f"{file} has {len(suites)} tables, and --data is one: choose with --table from {names}")
    with located(data) as place, described(place.source) as (_, table):
        types = {column.name: str(column.type) for column in table.columns}
        if time and time not in types:
            raise RequestError(f"--time {time}: the table has the columns {', '.join(types)}")
        settings: dict[str, Any] = {"source": source_in(into or Path(), table.source, place.name)}
        settings |= {"timestamp": time} if time else {}
        if any(column.naive for column in table.columns):
            settings["timezone"] = "UTC"
        name = place.name
    return [as_dataset(suites[0], name, settings, types, ())]


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SystemFailed(f"{path} cannot be written: {reason_of(error)}") from error


def _document(dataset: Imported) -> dict[str, Any]:
    return {
        "dataset": dataset.document(),
        "checks": dataset.total,
        "no_counterpart": [{"name": name, "reason": reason} for name, reason in dataset.lost],
        "notes": [{"name": name, "difference": note} for name, note in dataset.notes],
    }


def _say(datasets: list[Imported], into: Path | None) -> None:
    """Say on stderr how much was imported, and what was not."""
    out = console()
    for dataset in datasets:
        taken = dataset.total - len(dataset.lost)
        out.print(f"{dataset.name}: {taken} of {dataset.total} checks imported", markup=False)
        for name, reason in dataset.lost:
            out.print(f"  no counterpart: {name}: {reason}", markup=False)
    if into:
        out.print(f"wrote {into / 'maestro.yaml'}; go on with: maestro validate --project {into}", markup=False)
