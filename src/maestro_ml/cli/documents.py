"""The one JSON document of a command."""

import json
import signal
import sys
from typing import Any

_STOPS = (signal.SIGINT, signal.SIGTERM)


def print_document(document: Any) -> None:
    """Write the document to stdout as one line, as the last act of a command.

    A signal that arrives now or later can no longer stop the command, so there is never a second document.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def print_error(message: str, code: int, **more: Any) -> None:
    """Write the error and the exit code as the document."""
    print_document({"outcome": "error", "exit_code": code, "error": message, **more})
