"""What is wrong with a dataset, in the terminal: the worst violated findings, each with some of its rows."""

from rich.console import Console

from maestro_ml.cli.console import console, visible
from maestro_ml.core.findings import Finding
from maestro_ml.core.results import AgainstHistory, Count, Rate, Statistic
from maestro_ml.steps import StepFolder, StepRecord, StepResult

_MOST = 10
_ROWS = 3  # of each finding
_LONGEST = 40  # characters of a value
_MOST_VALUES = 8  # of a row
_COLOURS = {"error": "red", "warn": "yellow"}


def print_findings(record: StepRecord[StepResult], folder: StepFolder) -> None:
    """Print the worst findings of a step that validates, on stderr; nothing for other steps."""
    if "findings" not in record.result.artifacts:
        return
    # no other step needs the validation
    from maestro_ml.steps.validate import JSON
    from maestro_ml.validation import Report

    print_violated(folder.read_model(JSON, Report).violated, console())


def print_violated(violated: list[Finding], out: Console) -> None:
    """Print the worst findings, and how many there are more."""
    for finding in worst(violated)[:_MOST]:
        colour = _COLOURS[finding.severity]
        out.print(f"  [{colour}]{finding.severity:5}[/] {finding.check.replace('_', ' ')}: ", end="")
        out.print(visible(str(finding)), markup=False)
        for row in _rows(finding):
            out.print(f"          {row}", style="dim", markup=False)
    if len(violated) > _MOST:
        out.print(f"  and {len(violated) - _MOST} more, in the report")


def worst(violated: list[Finding]) -> list[Finding]:
    """Sort violated findings: errors first, then those about a whole table, then by the share of rows."""
    return sorted(violated, key=lambda f: (f.severity, -_size(f)))


def _size(finding: Finding) -> float:
    """Return how much is wrong, from 0 to 1; 1 where there is no share, as for a column that is missing."""
    match finding.result:
        case Count() | AgainstHistory() as count if count.share is not None:
            return count.share
        case Statistic() as statistic:
            return statistic.size
        case Rate() as rate:
            return rate.value
    return 1.0


def _rows(finding: Finding) -> list[str]:
    if finding.sample is None:
        return []
    return [
        ", ".join(f"{name} = {_value(value)}" for name, value in list(pairs)[:_MOST_VALUES])
        for pairs in (zip(finding.sample.columns, row, strict=True) for row in finding.sample.rows[:_ROWS])
    ]


def _value(value: str | None) -> str:
    if value is None:
        return "null"
    text = visible(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
