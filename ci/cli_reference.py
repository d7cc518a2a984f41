"""The reference of the command line, from the commands themselves."""

import inspect
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from maestro_ml.cli.app import app

SIGN = "\\|"  # inside of a table


def commands() -> dict[str, Any]:
    """Return every command by its words, such as `models list`."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, each in getattr(command, "commands", {}).items():
            yield " ".join((*words, name)), each
            yield from below(each, (*words, name))

    return dict(below(get_command(app), ()))


def options(command: Any) -> set[str]:
    """Return every spelling of a command's options."""
    names = {name for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("-")}
    return names | {"--help", "-h"}


def cli_reference() -> str:
    """Return a section for each command: what it does, and a table of its arguments and options."""
    parts = []
    for name, command in commands().items():
        parts += [f"{'#' * (2 + name.count(' '))} maestro {name}", inspect.cleandoc(command.help or "")]
        if rows := [_row(each) for each in command.params]:
            parts.append("\n".join(["| | | default |", "|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _row(parameter: Any) -> str:
    is_option = parameter.opts[0].startswith("-")
    spelling = ", ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
    if not is_option:
        spelling = f"`{parameter.metavar or parameter.name.upper()}`".replace("|", SIGN)
    default = "required" if parameter.required else ""
    if parameter.default not in (None, False, "", ()) and not parameter.required:
        default = f"`{parameter.default}`" if parameter.default is not True else f"`{parameter.opts[0]}`"
    if parameter.envvar:
        default += f", or `{parameter.envvar}`"
    return f"| {spelling} | {(parameter.help or '').replace('|', SIGN)} | {default} |"
