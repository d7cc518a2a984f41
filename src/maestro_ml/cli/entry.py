"""Where the command starts: signals first, then the imports, so that it can be stopped at any moment."""

import contextlib
import os
import signal
import sys
from types import FrameType

_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "a request to end"}
_INTERRUPTED = 128  # and the signal's number: what a shell says of a process a signal ended


class _Stop:
    """Remembers the signal that stopped the process: a library can swallow or change the exit that follows."""

    number = 0

    def __call__(self, number: int, _: FrameType | None) -> None:
        """Exit, so that what is temporary is removed; by itself the signal would end the process where it stands."""
        self.number = number
        sys.exit(_INTERRUPTED + number)


def main() -> None:
    """Exit codes: 0 done and passed, 1 the verdict or gate said no, 2 request or project wrong, 3 a system failed.

    130 and 143 say that it was stopped, by Ctrl-C or SIGTERM.
    """
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
    sys.exit(code)


def _leave(number: int) -> None:
    """Say in one line that the command was stopped, and end before a library's clean-up can print more."""
    for known in _NAMES:
        signal.signal(known, signal.SIG_IGN)
    message, code = f"stopped by {_NAMES[signal.Signals(number)]}", _INTERRUPTED + number
    with contextlib.suppress(BaseException):  # whatever can be said is a courtesy by now
        if "--json" in sys.argv:
            from maestro_ml.cli.documents import print_error

            print_error(message, code)
        sys.stderr.write(f"maestro: {message}\n")
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
