"""Start the command: handle signals first, then import, so that it can be stopped at any time."""

import atexit
import contextlib
import gc
import os
import signal
import sys
from types import FrameType

_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "a request to end"}
# Between two looks for cycles. Imports make objects by the hundred thousand, which stay; with Python's own 700 the
# looks through them are a tenth of a training's CPU seconds.
_ALLOCATIONS = 20_000
_INTERRUPTED = 128  # plus the signal's number, as shells report it


class _Stop:
    """Remember the signal that stopped the process: a library can swallow or change the exit that follows."""

    number = 0

    def __call__(self, number: int, _: FrameType | None) -> None:
        """Exit in order, so that temporary files are removed; the signal itself would end the process at once."""
        self.number = number
        sys.exit(_INTERRUPTED + number)


class _End:
    """End the process once the exit handlers of the libraries have run.

    Python would look for cycles among all objects that are left and free each of them, for which it needs more than a
    second after a training. The system frees the memory as a whole.
    """

    code: int | None = None

    def __call__(self) -> None:
        """Exit with the command's code, unless it raised or its output cannot be written: Python reports that."""
        if self.code is None:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            return
        os._exit(self.code)


def main() -> None:
    """Run the command and exit.

    Exit codes: 0 passed, 1 the verdict or the gate rejected, 2 the request or the project is wrong, 3 a system failed,
    130 and 143 stopped by Ctrl-C or SIGTERM.
    """
    gc.set_threshold(_ALLOCATIONS, 10, 10)
    # Arrow's own allocator keeps what was freed; the system's, which everything else uses, gets it for reuse.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    end = _End()
    atexit.register(end)  # first, and so called last
    stop = _Stop()
    for number in _NAMES:
        signal.signal(number, stop)
    code = 0
    try:
        from maestro_ml.cli.app import run

        code = run(sys.argv[1:], lambda: bool(stop.number))
    except BaseException:
        if not stop.number:
            raise
    if stop.number:
        _leave(stop.number)
    end.code = code
    sys.exit(code)


def _leave(number: int) -> None:
    """Report in one line that the command was stopped, and end before a library's clean-up can print more."""
    for known in _NAMES:
        signal.signal(known, signal.SIG_IGN)
    message, code = f"stopped by {_NAMES[signal.Signals(number)]}", _INTERRUPTED + number
    with contextlib.suppress(BaseException):  # output is best effort at this point
        if "--json" in sys.argv:
            from maestro_ml.cli.documents import print_error

            print_error(message, code)
        sys.stderr.write(f"maestro: {message}\n")
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
