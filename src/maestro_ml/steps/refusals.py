"""Recognise that a system refuses the credentials: a retry with the same ones cannot help."""

import re
from collections.abc import Iterator

_KINDS = frozenset({
    "PermissionError",  # of the operating system, and of a bucket through fsspec
    "NoCredentialsError", "PartialCredentialsError",  # botocore
    "AuthenticationError", "NoPermissionError",  # Redis
    "InvalidPassword", "InvalidAuthorizationSpecification",  # PostgreSQL
})  # fmt: skip
# Messages of PostgreSQL and Redis at connection time for which their clients have no class.
_TEXT = re.compile(r"(password|SCRAM|peer) authentication failed|no pg_hba\.conf entry|WRONGPASS|NOAUTH|NOPERM", re.I)
_STATUSES = (401, 403)


def are_credentials_refused(error: BaseException) -> bool:
    """Return whether the error, or one of its causes, is about refused credentials."""
    return any(_refuses(cause) for cause in _causes(error))


def _refuses(error: BaseException) -> bool:
    if any(kind.__name__ in _KINDS for kind in type(error).__mro__):
        return True
    return _status(error) in _STATUSES or bool(_TEXT.search(str(error)))


def _status(error: BaseException) -> int | None:
    """Return the HTTP status of the response, if the error carries one."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        status = getattr(response, "status_code", None) or getattr(error, "status", None)
    return status if isinstance(status, int) else _mlflow_status(error)


def _mlflow_status(error: BaseException) -> int | None:
    """Return the status in MLflow's exceptions, which hold it as text or under a name of their own."""
    if not type(error).__module__.startswith("mlflow"):
        return None
    code = {"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403}.get(str(getattr(error, "error_code", "")))
    found = re.search(r"error code (\d{3})", str(error))
    return code or (int(found[1]) if found else None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is not None and current not in seen:
            seen.append(current)
            yield current
            waiting += [current.__cause__, current.__context__]
