"""`maestro models`: the registered versions of the project's models, their aliases, and the ledger of all moves."""

import sys
from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maestro_ml.cli.documents import print_document
from maestro_ml.cli.opened_model import VersionArgument, named_version, opened_model, split_argument
from maestro_ml.cli.options import parse_time, with_store
from maestro_ml.cli.request import Request
from maestro_ml.cli.tables import print_table
from maestro_ml.metrics.metric import NOT_DEFINED
from maestro_ml.project import RequestError

if TYPE_CHECKING:
    from maestro_ml.steps.models import ModelRegistry


def _a_reason(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("the ledger needs a reason, such as 'a better offline evaluation'")
    return text


app = typer.Typer(name="models", no_args_is_help=True, add_completion=False)
ModelArgument = Annotated[str, typer.Argument(help="A model of the project.")]
WhyOption = Annotated[str, typer.Option(help="The reason, for the ledger.", callback=_a_reason)]
TimeArgument = Annotated[datetime, typer.Argument(parser=parse_time, metavar="TIME", help="Such as 2013-12-01.")]


@app.callback()
def models() -> None:
    """Show the registered versions of the project's models, and move their aliases."""


@app.command("list")
@with_store
def list_models(request: Request) -> None:
    """List the models with their number of versions and their aliases."""
    found = list[dict[str, Any]]()
    for name in request.project.models:
        with opened_model(request, name) as registry:
            numbers = [each.version for each in registry.versions()]
            found.append({"model": name, "name": registry.name, "versions": numbers, "aliases": registry.aliases()})
    if request.as_json:
        print_document({"models": found})
        return
    if not found:
        sys.stdout.write("the project has no models\n")
        return
    rows = [
        (each["model"], each["name"], len(each["versions"]), ", ".join(f"{a} {v}" for a, v in each["aliases"].items()))
        for each in found
    ]
    print_table(("model", "registered as", "versions", "aliases"), rows)


@app.command()
@with_store
def show(
    request: Request,
    model: VersionArgument,
    version: Annotated[str, typer.Argument(help="The version, if MODEL does not name it.")] = "",
) -> None:
    """Show a version: metrics, reason, and where its record is."""
    model, named = split_argument(model)
    if named and version:
        raise RequestError(f"two versions are given: {named} and {version}")
    with opened_model(request, model) as registry:
        found = named_version(registry, named or version, request.project.models[model].register_as.champion)
    if request.as_json:
        print_document({"model": model, **found.model_dump(mode="json")})
        return
    facts: dict[str, Any] = {
        "version": found.version,
        "aliases": ", ".join(found.aliases),
        "created": f"{found.created:%Y-%m-%d %H:%M}",
    }
    facts |= {"tested until": found.tested_until, "reason": found.reason, "MLflow run": found.run_id}
    metrics = [(name, _number(value)) for name, value in found.metrics.items()]
    print_table(("", f"{registry.name}"), [*facts.items(), *metrics, *sorted(found.tags.items())])


@app.command()
@with_store
def compare(
    request: Request,
    model: ModelArgument,
    first: Annotated[str, typer.Argument(help="A number or an alias.")],
    second: Annotated[str, typer.Argument(help="Another number or alias.")],
) -> None:
    """Compare the metrics of two versions, each on its own test rows."""
    with opened_model(request, model) as registry:
        one, other = registry.version(first), registry.version(second)
    names = sorted({*one.metrics, *other.metrics})
    if request.as_json:
        values = {name: [one.metrics.get(name), other.metrics.get(name)] for name in names}
        print_document({"model": model, "versions": [one.version, other.version], "metrics": values})
        return
    rows = [(name, _number(one.metrics.get(name)), _number(other.metrics.get(name))) for name in names]
    rows.append(("tested until", one.tested_until, other.tested_until))
    print_table(("metric", f"version {one.version}", f"version {other.version}"), rows)


@app.command()
@with_store
def promote(
    request: Request,
    model: ModelArgument,
    why: WhyOption,
    version: Annotated[str, typer.Option(help="A number or an alias (default: the alias new versions get).")] = "",
) -> None:
    """Make a version the champion."""
    with opened_model(request, model) as registry:
        target = request.project.models[model].register_as
        _move(registry, target.champion, registry.version(version or target.alias).version, why, model, request.as_json)


@app.command()
@with_store
def rollback(
    request: Request,
    model: ModelArgument,
    why: WhyOption,
) -> None:
    """Make the previous champion the champion again."""
    with opened_model(request, model) as registry:
        alias = request.project.models[model].register_as.champion
        now = registry.aliases().get(alias)
        if now is None:
            raise RequestError(f"no version of {model} has the alias '{alias}': there is nothing to roll back")
        moves = [entry for entry in registry.ledger.entries() if entry.alias == alias and entry.version == now]
        if not moves or moves[-1].before is None:
            raise RequestError(f"the ledger knows no champion of {model} before version {now}")
        _move(registry, alias, registry.version(moves[-1].before).version, why, model, request.as_json)


@app.command()
@with_store
def history(request: Request, model: ModelArgument) -> None:
    """Print the ledger: every move of an alias, who made it and why."""
    with opened_model(request, model) as registry:
        entries = registry.ledger.entries()
    if request.as_json:
        print_document({"model": model, "entries": [entry.model_dump(mode="json") for entry in entries]})
        return
    if not entries:
        sys.stdout.write(f"no alias of {registry.name} has been moved yet\n")
        return
    rows = [
        (e.number, f"{e.time:%Y-%m-%d %H:%M}", e.alias, e.before or "-", e.version, e.actor, e.why) for e in entries
    ]
    print_table(("entry", "time (UTC)", "alias", "from", "to", "who", "why"), rows)


@app.command()
@with_store
def at(
    request: Request,
    model: ModelArgument,
    time: TimeArgument,
) -> None:
    """Print which version had which alias at a time."""
    with opened_model(request, model) as registry:
        found, entries = registry.at(time), registry.ledger.entries()
    if request.as_json:
        aliases = {alias: entry.version for alias, entry in found.items()}
        print_document({"model": model, "time": time.isoformat(), "aliases": aliases})
        return
    if not found:
        first = f"the first was moved at {entries[0].time:%Y-%m-%d %H:%M} UTC" if entries else "none has been moved yet"
        sys.stdout.write(f"no alias of {registry.name} was at a version then; {first}\n")
        return
    rows = [(alias, entry.version, f"{entry.time:%Y-%m-%d %H:%M}", entry.actor) for alias, entry in found.items()]
    print_table(("alias", "version", "since (UTC)", "who"), rows)


@app.command()
@with_store
def verify(
    request: Request,
    model: Annotated[str, typer.Argument(help="A model of the project (default: all).")] = "",
) -> None:
    """Check that the ledger is unchanged and that every alias is where its last entry put it."""
    problems = {}
    for name in [model] if model else list(request.project.models):
        with opened_model(request, name) as registry:
            problems[name] = registry.problems()
    failed = any(problems.values())
    if request.as_json:
        print_document({"outcome": "failed" if failed else "passed", "problems": problems})
    for name, found in problems.items():
        for problem in found:
            sys.stderr.write(f"maestro: {name}: {problem}\n")
        if not found and not request.as_json:
            sys.stdout.write(f"{name}: the ledger is unchanged, and every alias is where its last entry put it\n")
    raise typer.Exit(1 if failed else 0)


def _move(registry: "ModelRegistry", alias: str, version: str, why: str, model: str, as_json: bool) -> None:
    from maestro_ml.steps.models import person

    before = registry.aliases().get(alias)
    written = [entry.version for entry in registry.ledger.entries() if entry.alias == alias]
    moves = before != version or written[-1:] != [version]  # a move past the ledger is accepted by making it again
    if moves:
        registry.move(alias, version, {"actor": person(), "why": why})
    if as_json:
        document = {"model": model, "alias": alias, "version": version, "before": before, "moved": moves}
        print_document({"outcome": "passed", **document})
    else:
        verb = "is now" if moves else "is already"
        sys.stderr.write(f"version {version} of {registry.name} {verb} '{alias}'\n")


def _number(value: float | None) -> str | None:
    return None if value is None else NOT_DEFINED if isnan(value) else f"{value:.4f}"
