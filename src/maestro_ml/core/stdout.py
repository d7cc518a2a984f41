"""Keep what others print away from stdout, where a command's JSON document belongs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress


@contextmanager
def printing_to_stderr() -> Iterator[None]:
    """Send to stderr what is printed to stdout inside the block, by Python and by libraries written in C."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(2, 1)
    except (OSError, ValueError, AttributeError):  # a process without these streams
        with redirect_stdout(sys.stderr):
            yield
        return
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        with suppress(OSError, ValueError, AttributeError):  # a C library that cannot be reached has its own buffer
            _flush_c()
        os.dup2(kept, 1)
        os.close(kept)


def _flush_c() -> None:
    """Write out what C's buffers hold, before its descriptor is another file again."""
    import ctypes

    ctypes.CDLL(None).fflush(None)
