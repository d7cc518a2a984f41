"""Suggestions as lines of maestro.yaml."""

from maestro_ml.core.node import format_duration
from maestro_ml.core.wording import plural
from maestro_ml.core.yaml_text import flow, one_line
from maestro_ml.validation.suggest.suggestion import Suggestions


def as_yaml(suggestions: Suggestions, *, checks_there: bool) -> str:
    """Write lines to paste into the dataset in maestro.yaml, indented as they belong there.

    Args:
        checks_there: the dataset has a list of checks already, so that its key must not stand twice.
    """
    about = f"# datasets.{suggestions.dataset}, from {plural(suggestions.rows, 'row')}, {suggestions.window}"
    lines = [about + ("; add these to its checks" if checks_there else "")]
    lines += [f"# {one_line(note)}" for note in suggestions.notes]
    if suggestions.columns:
        lines.append("columns:")
        lines += [f"  {flow(name)}: {flow(declared)}" for name, declared in suggestions.columns.items()]
    if suggestions.checks and not checks_there:
        lines.append("checks:")
    lines += [f"  - {flow(s.check)}  # {one_line(s.evidence)}" for s in suggestions.checks]
    if suggestions.max_age and suggestions.staleness is not None:
        age = format_duration(suggestions.staleness) or "0s"
        limit = flow({"max_age": format_duration(suggestions.max_age)})
        gap = format_duration(suggestions.gap) or "0s"
        lines.append(
            f"freshness: {limit}  # the newest row is {age} older than the window's end, and rows are up to {gap} apart"
        )
    return "".join(f"    {line}\n" for line in lines)
