"""The commands by name. The module of one is imported when it runs: together their libraries cost most of a second."""

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

# In the order of `maestro --help`: the module, and the function whose docstring is the help. In a module with a Typer
# named `app` that function is the callback of a group of commands.
COMMANDS = {
    "scan": "scan:scan",
    "init": "init:init",
    "import": "import_suite:import_suite",
    "validate": "validate:validate",
    "watch": "watch:watch",
    "ci": "ci:ci",
    "build": "build:build",
    "suggest": "suggest:suggest",
    "history": "history:history",
    "materialize": "materialize:materialize",
    "train": "train:train",
    "reproduce": "reproduce:reproduce",
    "lineage": "lineage:lineage",
    "run": "run:run",
    "pods": "pods:pods",
    "ui": "ui:ui",
    "dag": "dag:dag",
    "airflow": "airflow:airflow",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "schema": "schema:schema",
    "gate": "gate:gate",
    "models": "models:models",
}


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loaded()  # type: ignore[assignment]

    def list_commands(self, _: Any) -> list[str]:
        """Return the names in their order, and import nothing."""
        return list(COMMANDS)

    def format_commands(self, _: Any, formatter: Any) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(name)) for name in COMMANDS])


class _Loaded(Mapping[str, Any]):
    """Import a command when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        module, function = COMMANDS[name].split(":")
        found = import_module(f"{__package__}.{module}")
        app = getattr(found, "app", None)
        if app is None:
            app = typer.Typer(add_completion=False)
            app.command(name)(getattr(found, function))
        app.rich_markup_mode = None  # as of the app, whose groups they are
        return typer.main.get_command(app)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def summary(name: str) -> str:
    """Return the first paragraph of a command's docstring, read from its file."""
    module, function = COMMANDS[name].split(":")
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_bytes())
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    return (ast.get_docstring(found) or "").partition("\n\n")[0].replace("\n", " ")
