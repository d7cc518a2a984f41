"""Why an MLflow server does not answer, in one sentence instead of the whole stack of HTTP libraries."""

import re
import socket
import ssl

_SETTING = "tracking.uri (MLFLOW_TRACKING_URI)"
_START = f"start the server, or correct {_SETTING}"
_STATUS = re.compile(r"error code (\d{3})\b|too many (\d{3}) error responses")
_NOT_FOUND, _NO_USER, _FORBIDDEN, _OVERLOADED, _SERVER = 404, 401, 403, 429, 500


def connection_problem(error: BaseException) -> str | None:
    """Return why there is no answer and what to do; None if the server answered the request."""
    seen: BaseException | None = error
    while seen is not None:
        if reason := _of_the_network(seen):
            return reason
        seen = seen.__cause__ or seen.__context__
    if "was not in a valid JSON format" in str(error):
        return f"answers, but is not an MLflow server; correct {_SETTING}"
    found = _STATUS.search(str(error))
    return _of_status(int(found[1] or found[2])) if found else None


def _of_the_network(error: BaseException) -> str | None:
    if isinstance(error, socket.gaierror):
        return f"cannot be reached: no host has this name; correct {_SETTING}"
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or (error.reason or str(error)).replace("_", " ").lower()
        return (
            f"cannot be reached by TLS: {reason}; correct {_SETTING}, or name the server's authority in "
            "MLFLOW_TRACKING_SERVER_CERT_PATH"
        )
    if isinstance(error, TimeoutError):
        return f"does not answer in time; {_START}"
    if isinstance(error, ConnectionError) and error.__class__.__module__ in ("builtins", "http.client"):
        reason = error.strerror or str(error)
        return f"cannot be reached: {reason[:1].lower()}{reason[1:]}; {_START}"
    return None


def _of_status(status: int) -> str | None:
    if status == _NO_USER:
        return "refuses the login (401): set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    if status == _FORBIDDEN:
        return "does not permit this (403): give the user of MLFLOW_TRACKING_USERNAME the permission"
    if status == _NOT_FOUND:
        return f"answers, but is not an MLflow server (404); correct {_SETTING}"
    if status >= _SERVER or status == _OVERLOADED:
        return f"answers with an error of its own ({status}); look into the server's log"
    return None
