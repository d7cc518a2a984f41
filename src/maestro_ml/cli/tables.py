"""Tables on stdout."""

import io
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table

from maestro_ml.cli.console import visible

_ENDLESS = 100_000  # columns


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under headings, without lines; `-` stands for None."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(visible(heading), overflow="fold")
    for row in rows:
        table.add_row(*("-" if value is None else visible(str(value)) for value in row))
    print_on_stdout(table)


def print_on_stdout(found: RenderableType) -> None:
    """Print a table or a tree, folded to the width of a terminal; in a file or a pipe each row is one line."""
    if sys.stdout.isatty():
        Console(file=sys.stdout, markup=False, highlight=False).print(found)
        return
    text = io.StringIO()
    Console(file=text, width=_ENDLESS, markup=False, highlight=False).print(found)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())
