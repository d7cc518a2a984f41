"""The JSON document of a command that ended with an error."""

import json


def error_document(message: str, code: int) -> str:
    """One line of JSON: what went wrong, and the exit code."""
    return json.dumps({"outcome": "error", "exit_code": code, "error": message}) + "\n"
