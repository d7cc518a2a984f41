"""Schema: are the columns those of the contract, in a type that holds what the contract says?"""

import re
from collections.abc import Callable, Iterator, Sequence

from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import Count, Result
from maestro_ml.core.wording import share
from maestro_ml.project.datasets import Column
from maestro_ml.project.patterns import is_pattern
from maestro_ml.sql.aggregates import ROWS, Aggregate
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.text_values import read_as
from maestro_ml.sql.types import NUMERIC, TIMES, fits, is_naive
from maestro_ml.tables import NoEventTime, Table
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.file_checks import file_findings
from maestro_ml.validation.probes import measure
from maestro_ml.validation.rows import Rows

_EXAMPLES = 3  # values that cannot be read, in a message
_LONGEST = 40  # characters of each
_MISSING = re.compile(r"\s*(|n/?a|null|none|nil|missing|unknown|#n/a|nat|\\n|-+|\.|\?)\s*", re.I)
_COMMA = re.compile(r"\s*[+-]?[\d.]*,\d+\s*")


def schema_findings(context: ValidationContext) -> list[Finding]:
    """Return a finding for each thing the contract says of each column, and one about columns it does not name."""
    dataset = context.dataset
    probes = schema_probes(context)
    try:
        findings = measure(context.current, probes)
    except NoEventTime:  # no window: the whole table answers
        findings = measure(Rows(dataset), probes)
    return [*file_findings(dataset), *findings, _extra(dataset)]


def schema_probes(context: ValidationContext) -> list[Probe | Finding]:
    """Return what is to be measured of the rows."""
    dataset = context.dataset
    return [probe for name, column in dataset.spec.columns.items() for probe in _of_column(dataset, name, column)]


def _of_column(dataset: Table, name: str, column: Column) -> Iterator[Probe | Finding]:
    if name not in dataset.types:
        what = "no column matches the pattern" if is_pattern(name) else "the column is missing"
        message = what + ("" if column.required else ", and may be") + _in_folders(dataset, name)
        yield finding("schema", "required", column.severity, message, violated=column.required, column=name)
        return
    yield _type(dataset, name, column)
    if column.type == "timestamp" and is_naive(dataset.types[name]):
        yield _timezone(dataset, name, column)
    if not column.nullable:
        yield _nullable(dataset, name, column)


def _in_folders(dataset: Table, name: str) -> str:
    if not dataset.files or not any(f"/{name}=" in file for file in dataset.files.readable):
        return ""
    return f"; folders are named {name}=...: declare `partitions: [{name}]` of the source, if they give it"


def _type(dataset: Table, name: str, column: Column) -> Probe | Finding:
    found, stored = dataset.kind(name) or "other", dataset.types[name]
    ok = fits(found, column.type)
    reading = dataset.reading(name)
    read_by = f", read by {reading.format}" if reading and reading.format else ""
    message = f"{found} ({stored})" + (read_by if ok else f"; the contract says {column.type}")

    def judged(values: int = 0, foreign: int = 0, examples: Sequence[str] | None = None) -> Finding:
        detail = f": {share(foreign, values)} values cannot be read as {column.type}{read_by}" if foreign else ""
        if values and not foreign:
            detail = f": {f'all {values:,} values' if values > 1 else 'the value'} can be read as {column.type}"
            detail += "; `format: iso8601` of the column reads them" if column.type in TIMES else ""
        if examples:
            detail += f", such as {', '.join(map(_shown, dict.fromkeys(examples)))}"
        detail += _advice(dataset, column, examples or ())
        counts = {"foreign": foreign, "values": values} if values else {}
        result = Result(details={"found": stored, **counts})
        return finding("schema", "type", column.severity, message + detail, violated=not ok, column=name, result=result)

    if ok or (found != "string" and not (reading and reading.attempt)) or not dataset.dialect.reads_texts:
        return judged()
    text = quoted(name) if stored == "VARCHAR" else f"{quoted(name)}::VARCHAR"
    unreadable = f"{reading.attempt if reading and reading.attempt else read_as(text, column.type)} IS NULL"
    if stored == "DOUBLE":  # the texts were fractions and whole numbers, and are no longer there
        unreadable = f"NOT (isfinite({quoted(name)}) AND {quoted(name)} = trunc({quoted(name)}))"
    expressions = [f"count({text})", f"count({text}) FILTER (WHERE {unreadable})"]
    # a row in disorder has its values in other columns
    if not any(each.pii for each in dataset.spec.columns.values()):
        expressions.append(f"min({text}, {_EXAMPLES}) FILTER (WHERE {unreadable})")
    return Probe(tuple(expressions), judged, _on_error("type", name, column), None)


def _advice(dataset: Table, column: Column, examples: Sequence[str]) -> str:
    """Say which key of a CSV source may be missing, where the values show it."""
    if dataset.spec.source.kind != "csv" or not examples:
        return ""
    if all(_MISSING.fullmatch(text) for text in examples):
        return "; if they stand for missing values, say so with `null_values` of the source"
    if column.type in NUMERIC and all(_COMMA.fullmatch(text) for text in examples):
        return "; say with `decimal: ','` or `thousands: ','` of the source what the comma is"
    return ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")


def _timezone(dataset: Table, name: str, column: Column) -> Finding:
    zone = dataset.spec.timezone
    message = f"carries no timezone and is read in the declared one, {zone}"
    if zone is None:
        example = f"datasets.{dataset.name}.timezone: Europe/Berlin"
        message = f"carries no timezone and was read as UTC: declare it, as in `{example}`"
    return finding("schema", "timezone", column.severity, message, violated=zone is None, column=name)


def _nullable(dataset: Table, name: str, column: Column) -> Probe:
    def judge(rows: int, present: int) -> Finding:
        nulls = rows - present
        message = f"{share(nulls, rows)} rows are null; none may be"
        return finding(
            "schema",
            "nullable",
            column.severity,
            message,
            violated=nulls > 0,
            column=name,
            result=Count(nulls, rows, names=("nulls", "rows")),
        )

    failing = Failing(f"{quoted(name)} IS NULL", identifying_columns(dataset, name))
    return Probe((ROWS, Aggregate("present", name)), judge, _on_error("nullable", name, column), failing)


def _on_error(check: str, name: str, column: Column) -> Callable[[Exception], Finding]:
    def failed(error: Exception) -> Finding:
        message = f"could not be checked: {type(error).__name__}"
        return finding("schema", check, column.severity, message, violated=True, column=name)

    return failed


def _extra(dataset: Table) -> Finding:
    extra = [*(name for name in dataset.types if name not in dataset.spec.columns), *dataset.unread]
    allowed = dataset.spec.extra_columns
    message = f"not in the contract: {', '.join(extra)}" if extra else "no column beyond the contract"
    return finding(
        "schema",
        "extra",
        "error" if allowed == "error" else "warn",
        message,
        violated=bool(extra) and allowed != "allow",
        result=Result(details={"columns": len(extra)}),
    )
