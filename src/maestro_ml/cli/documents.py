"""The one JSON document of a command."""

import json
import math
import signal
import sys
from typing import Any

_STOPS = (signal.SIGINT, signal.SIGTERM)


def to_json(document: Any) -> str:
    """Write a document as one line; a number that JSON does not have is a text, such as "NaN", as in the run store."""
    return json.dumps(_finite(document), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def print_document(document: Any) -> None:
    """Write the document to stdout as one line, as the last act of a command.

    A signal that arrives now or later can no longer stop the command, so there is never a second document.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    sys.stdout.write(to_json(document) + "\n")
    sys.stdout.flush()
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def print_error(message: str, code: int, **more: Any) -> None:
    """Write the error and the exit code as the document."""
    print_document({"outcome": "error", "exit_code": code, "error": message, **more})
