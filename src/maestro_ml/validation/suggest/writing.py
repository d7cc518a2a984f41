"""Suggestions as lines of maestro.yaml."""

from typing import Any

from maestro_ml.core.node import format_duration
from maestro_ml.validation.suggest.suggestion import Suggestions


def as_yaml(suggestions: Suggestions, *, checks_there: bool) -> str:
    """Write lines to paste into the dataset in maestro.yaml, indented as they belong there.

    Args:
        checks_there: the dataset has a list of checks already, so that its key must not stand twice.
    """
    about = f"# datasets.{suggestions.dataset}, from {suggestions.rows:,} rows, {suggestions.window}"
    lines = [about + ("; add these to its checks" if checks_there else "")]
    lines += [f"# {_one_line(note)}" for note in suggestions.notes]
    if suggestions.checks and not checks_there:
        lines.append("checks:")
    lines += [f"  - {_flow(s.check)}  # {_one_line(s.evidence)}" for s in suggestions.checks]
    if suggestions.max_age and suggestions.staleness is not None:
        age = format_duration(suggestions.staleness) or "0s"
        limit = _flow({"max_age": format_duration(suggestions.max_age)})
        lines.append(f"freshness: {limit}  # the newest row is {age} older than the window's end")
    return "".join(f"    {line}\n" for line in lines)


def _flow(value: dict[str, Any]) -> str:
    import yaml

    def dumped(*, readable: bool) -> str:
        text: str = yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=readable, sort_keys=False)
        return text.rstrip("\n")

    text = dumped(readable=True)
    # YAML knows more line breaks than \n, and PyYAML leaves some of them as they are.
    return text if text.isprintable() else dumped(readable=False)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
