"""`maestro demo`: run the three pipelines on real data in a local Airflow."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    home: Annotated[Path, typer.Option(help="The folder for everything the demo creates.")] = Path(".maestro"),
    prepare: Annotated[
        str | None, typer.Option(help="Only write the flights project and its data to this folder or bucket.")
    ] = None,
    ui: Annotated[bool, typer.Option("--ui", help="Leave the UI running until Ctrl-C.")] = False,
    proof: Annotated[Path | None, typer.Option(help="Write the figures of the run into this Markdown file.")] = None,
) -> None:
    """Run the three pipelines on real flights of 2013 in a local Airflow."""
    if prepare is not None:
        from maestro_ml.demo.flights import prepare as write_flights

        write_flights(prepare)
        typer.echo(f"the flights project is in {prepare}", err=True)
        return
    from maestro_ml.demo.run import run_demo

    raise typer.Exit(run_demo(home, keep_ui=ui, proof=proof))
