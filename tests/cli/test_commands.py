"""The list of commands: complete, and cheap to look at."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from maestro_ml.cli import commands as listed
from maestro_ml.cli.app import app, run
from maestro_ml.cli.commands import COMMANDS, summary

# What no command needs before it knows what to do. Cost is held by what is loaded: a clock is wrong on a busy machine.
HEAVY = {
    "airflow",
    "duckdb",
    "feast",
    "kubernetes",
    "mlflow",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
    "sqlalchemy",
}


def modules_after(*statements: str) -> set[str]:
    """Return the modules that a fresh Python has loaded after the statements."""
    code = "\n".join([*statements, "import json, sys", "sys.stderr.write(json.dumps(sorted(sys.modules)))"])
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(result.stderr))


def test_help_loads_the_app_and_no_command():
    loaded = modules_after("from maestro_ml.cli.app import run", "assert run(['--help']) == 0")

    ours = {name for name in loaded if name.startswith("maestro_ml.")}
    libraries = {name.partition(".")[0] for name in loaded} - {"maestro_ml"}
    assert "maestro_ml.cli.app" in ours
    assert not ours & {f"maestro_ml.cli.{place.partition(':')[0]}" for place in COMMANDS.values()}
    assert not [name for name in ours if not name.startswith(("maestro_ml.cli", "maestro_ml.core"))]
    assert not libraries & (HEAVY | {"jinja2", "pydantic", "rich", "yaml"})


def test_the_options_of_every_command_are_known_without_a_library_that_takes_seconds():
    loaded = modules_after(
        "from maestro_ml.cli.commands import COMMANDS, Commands",
        "for name in COMMANDS: Commands(name='maestro').get_command(None, name)",
    )

    assert {f"maestro_ml.cli.{place.partition(':')[0]}" for place in COMMANDS.values()} <= loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY


def test_every_command_has_the_help_that_the_list_shows(capsys: pytest.CaptureFixture[str]):
    group = typer.main.get_command(app)
    assert list(COMMANDS) == group.list_commands(None)
    for name in COMMANDS:
        found = group.get_command(None, name)
        assert summary(name) == found.help.partition("\n\n")[0].replace("\n", " "), name
        assert summary(name)[:1].isupper()
        assert summary(name).endswith("."), name
    assert run(["--help"]) == 0
    help_text = " ".join(capsys.readouterr().out.split())
    assert not [name for name in COMMANDS if f"{name} {summary(name)}" not in help_text]


def test_every_module_with_a_command_is_in_the_list():
    folder = Path(listed.__file__).parent
    with_command = {file.stem for file in folder.glob("*.py") if f"\ndef {file.stem}(\n" in file.read_text()}

    assert with_command <= {place.partition(":")[0] for place in COMMANDS.values()}
    assert "validate" in with_command


@pytest.mark.parametrize(
    ("arguments", "suggested"), [(["validat"], "validate"), (["models", "verfy"], "verify"), (["gat"], "gate")]
)
def test_a_misspelt_command_gets_the_name_that_was_meant(arguments, suggested, capsys: pytest.CaptureFixture[str]):
    assert run(arguments) == 2
    assert f"Did you mean '{suggested}'?" in capsys.readouterr().err


def test_a_name_that_is_like_no_command_is_refused_plainly(capsys: pytest.CaptureFixture[str]):
    assert run(["xyzzy"]) == 2
    assert "No such command 'xyzzy'." in capsys.readouterr().err
    assert run(["xyzzy", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2


@pytest.mark.parametrize("arguments", [["--help"], ["gate"], ["gate", "--help"], ["models", "list", "-h"]])
def test_help_is_plain_text_for_groups_as_well(arguments, capsys: pytest.CaptureFixture[str]):
    run(arguments)
    shown = "".join(capsys.readouterr())
    assert shown.startswith("Usage: ")
    assert "│" not in shown
