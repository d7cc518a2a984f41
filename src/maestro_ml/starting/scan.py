"""Look at a table without a project: what its columns hold, and what looks wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from maestro_ml.checks.registry import CHECKS
from maestro_ml.core.errors import RequestError
from maestro_ml.core.findings import verdict_of
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.project import Project, Window
from maestro_ml.starting.columns import Column, Described, described
from maestro_ml.starting.labels import leaks, likely_label, named_label
from maestro_ml.starting.location import Location
from maestro_ml.starting.oddities import leak_findings, oddities
from maestro_ml.validation import Report, validate_dataset


@dataclass(frozen=True)
class Scan:
    """What was found: the columns, the column that is likely a label and why, and a report as `validate` writes it."""

    table: Described
    label: Column | None
    why: str
    report: Report
    leaks: dict[str, str]
    guesses: tuple[str, ...] = ()  # what was taken for granted of how it is written


def scan(
    location: Location,
    checks: Sequence[str] = (),
    label: str | None = None,
    years: Sequence[str] = (),
    **options: Any,
) -> Scan:
    """Scan a table.

    Args:
        checks: checks as `unique:id` or `range:amount:min=0,max=9`.
        label: the column a model is to predict; by default the likeliest.
        years: columns whose whole numbers are years.
        options: further keys of the dataset, such as a timezone.
    """
    with described(location.source, years, **options) as (opened, table):
        project = _project(location, table, [parsed_check(text, table) for text in checks], options)
        if label:
            chosen, why = named_label(table, label), "it was named"
        else:
            found, why = likely_label(table)
            chosen = found  # type: ignore[assignment]
        given_away = leaks(opened, table, chosen) if chosen else {}
        odd = [*oddities(opened, table), *leak_findings(given_away)]
    now = datetime.now(UTC)
    report = validate_dataset(project, location.name, Window.ending(now, timedelta(days=1)))
    findings = (*report.findings, *odd)
    report = report.model_copy(update={"findings": findings, "verdict": verdict_of(findings)})
    return Scan(table, chosen, why, report, given_away, location.guesses)


def _project(location: Location, table: Described, checks: list[dict[str, Any]], options: dict[str, Any]) -> Project:
    contract = {c.name: {"type": c.type, "required": False, **c.written} for c in table.columns}
    zone = {} if "timezone" in options or not any(c.naive for c in table.columns) else {"timezone": "UTC"}
    spec = {
        "source": table.source,
        "columns": contract,
        "extra_columns": "allow",
        "checks": checks,
        **zone,
        **options,
    }
    try:
        return Project.model_validate({"name": "scan", "datasets": {location.name: spec}})
    except ValidationError as error:
        raise RequestError("; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())) from error


def parsed_check(text: str, table: Described) -> dict[str, Any]:
    """Return a check as maestro.yaml has it.

    Raises:
        RequestError: no such check, or no such column.
    """
    import yaml

    name, _, rest = text.partition(":")
    columns, _, fields = rest.partition(":")
    kind = CHECKS.find(name)
    if kind is None:
        raise RequestError(f"--check {text}: no check '{name}'{did_you_mean(name, CHECKS.known())}")
    named = [column for column in columns.split(",") if column]
    for column in named:
        if table.column(column) is None:
            hint = did_you_mean(column, [c.name for c in table.columns])
            raise RequestError(f"--check {text}: no column '{column}'{hint}")
    check: dict[str, Any] = {"check": name}
    if "columns" in kind.model_fields:
        check["columns"] = named
    elif named:
        check["column"] = named[0]
    for field in filter(None, fields.split(",")):
        key, _, value = field.partition("=")
        check[key] = yaml.safe_load(value)
    return check
