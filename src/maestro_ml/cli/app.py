"""The command line, and the one place that turns errors into exit codes."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

import maestro_ml
from maestro_ml.cli.commands import Commands
from maestro_ml.cli.documents import print_error
from maestro_ml.core.boundary import boundary
from maestro_ml.core.directions import with_visible_directions
from maestro_ml.core.errors import MaestroError

_WIDEST = 120  # columns of a help text


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"maestro {maestro_ml.__version__}\n")
        raise typer.Exit


app = typer.Typer(
    name="maestro",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text: no boxes, and an error is one line however long
    context_settings={"max_content_width": _WIDEST, "help_option_names": ["--help", "-h"]}
    | ({} if sys.stdout.isatty() else {"terminal_width": _WIDEST}),
)


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Machine-learning pipelines: validate data, materialize features, train models behind a gate."""


def run(arguments: Sequence[str], is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Run the command and return its exit code; report every error in one line, and as a document under `--json`.

    Args:
        is_stopped: whether a signal stopped the process; an error that follows is its consequence, and is not reported.
    """
    as_json = "--json" in arguments
    try:
        with boundary(f"maestro {next(iter(arguments), '')}".rstrip()):
            return _exit_code([_with_home(argument) for argument in arguments], as_json)
    except MaestroError as error:
        if is_stopped():
            return error.exit_code
        code = _failed(str(error), error.exit_code, as_json)
        sys.stderr.write(getattr(error, "frames", ""))  # of an estimator's own code
        return code


def _with_home(argument: str) -> str:
    """Expand ~ where a shell leaves it alone, as in --data=~/orders.csv or '~/orders.csv'."""
    option, sign, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    return f"{option}{sign}{os.path.expanduser(value)}" if value.startswith("~/") else argument  # noqa: PTH111 - text


def _exit_code(arguments: list[str], as_json: bool) -> int:
    """Run typer and return its exit code; report usage errors as a document under `--json`."""
    try:
        code = app(arguments, standalone_mode=not as_json)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except typer.Abort:
        return _failed("aborted", 1, as_json)
    except Exception as error:
        status, message = getattr(error, "exit_code", None), getattr(error, "format_message", None)
        if isinstance(error, MaestroError) or status is None or message is None:
            raise
        return _failed(str(message()), int(status), as_json)
    return code if isinstance(code, int) else 0


def _failed(message: str, code: int, as_json: bool) -> int:
    if as_json:
        print_error(message, code)
    sys.stderr.write(f"maestro: {with_visible_directions(message.rstrip())}\n")
    return code
