"""One app, one module a command, one place that turns errors into exit codes."""

import signal
import sys
import traceback

import typer

from maestro_ml.cli import demo, materialize, run, schema, train, validate
from maestro_ml.cli.output import error_document
from maestro_ml.project import MaestroError

app = typer.Typer(
    name="maestro",
    help="Machine-learning pipelines: validate data, materialize features, train models behind a gate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (validate, materialize, train, run, demo, schema):
    app.command()(module.command)


def main() -> None:
    """Exit codes: 0 done and passed, 1 the verdict or gate said no, 2 request or project wrong, 3 a system failed."""
    # As an exit, so that what is temporary is removed; by itself SIGTERM would end the process where it stands.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        app()
    except MaestroError as error:
        _fail(str(error), error.exit_code)
    except Exception:
        _fail(traceback.format_exc(), 3)


def _fail(message: str, code: int) -> None:
    if "--json" in sys.argv:
        sys.stdout.write(error_document(message, code))
    sys.stderr.write(f"maestro: {message.rstrip()}\n")
    sys.exit(code)
