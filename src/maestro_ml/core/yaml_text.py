"""Parts of maestro.yaml as text, for files and terminals."""

from typing import Any


def flow(value: Any) -> str:
    """Return a value on one line, as YAML has it; what cannot be printed is written as an escape."""
    import yaml

    def dumped(*, readable: bool) -> str:
        text: str = yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=readable, sort_keys=False)
        return text.removesuffix("\n").removesuffix("\n...")

    text = dumped(readable=True)
    # YAML knows more line breaks than \n, and PyYAML leaves some of them as they are.
    return text if text.isprintable() else dumped(readable=False)


def one_line(text: str) -> str:
    """Return a text for a comment: without line ends and what a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
