"""The consoles that people read: colours and the width of the terminal, or plain lines as long as they are."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console

from maestro_ml.core.directions import with_visible_directions

WIDE = 200  # columns of a table that is not printed on a terminal
_SHOWN_AFTER = 2.0  # seconds


def visible(text: str) -> str:
    """Return a text from outside for one line of a terminal: nothing in it can turn, clear or colour the line."""
    return "".join(c if c.isprintable() else " " for c in with_visible_directions(text))


class _Console(Console):
    """A console on which no text can turn the direction of a line."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(with_visible_directions(o) if isinstance(o, str) else o for o in objects), **options)


def console(file: TextIO | None = None) -> Console:
    """Return a console on stderr, or on another file; it breaks no line that another program may read."""
    out = file or sys.stderr
    return _Console(file=out, soft_wrap=True, width=None if out.isatty() else WIDE, highlight=False)


@contextmanager
def progress_lines() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows what is going on: on a terminal, with the seconds once it takes longer than two."""
    out = console()
    if not out.is_terminal:
        yield lambda _: None
        return
    now = _Current()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(1):
            text, seconds = now.text, time.monotonic() - now.since
            if text and seconds > _SHOWN_AFTER:
                out.file.write(f"\r\x1b[2K  {text[: out.width - 12]} ... {seconds:.0f} s\r")
                out.file.flush()

    def show(text: str) -> None:
        out.file.write("\r\x1b[2K")
        out.print(f"  {text}", style="dim", markup=False)
        now.text, now.since = text, time.monotonic()

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield show
    finally:
        done.set()
        ticker.join()
        out.file.write("\r\x1b[2K")
        out.file.flush()


class _Current:
    """Hold what is being done, and since when."""

    text = ""
    since = 0.0
