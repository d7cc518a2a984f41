"""Tables on stdout."""

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from maestro_ml.cli.console import visible


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under headings, without lines; `-` stands for None."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(visible(heading), overflow="fold")
    for row in rows:
        table.add_row(*("-" if value is None else visible(str(value)) for value in row))
    Console(file=sys.stdout, markup=False, highlight=False).print(table)
