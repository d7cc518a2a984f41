"""MLflow, as a step would use it: it answers, and accepts the login."""

import shlex
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from maestro_ml.core.secrets import without_passwords
from maestro_ml.doctor.health import Health, Remedy, tried
from maestro_ml.doctor.machine import clock_health
from maestro_ml.doctor.remedies import place_remedy
from maestro_ml.project import Project
from maestro_ml.project.platform import DEFAULTS

_VARIABLE, _TIMEOUT = DEFAULTS["tracking", "uri"], 5  # seconds
_HERE = ("127.0.0.1", "localhost", "::1")


def tracking_health(project: Project, environ: Mapping[str, str]) -> Iterator[Health]:
    """Look at the tracking server or its file, and compare a server's clock with ours."""
    from maestro_ml.training.health import tracking_place, try_tracking

    uri, file = tracking_place(project)
    shown, is_server = without_passwords(uri), urlsplit(uri).scheme in ("http", "https")

    def look() -> str:
        if not try_tracking(project):
            return f"{shown} will be created by the first training"
        return f"{shown} answers" if is_server else f"{shown} can be used"

    remedy = _of_file(file, uri, environ) if file else _of_server(uri, environ)
    yield (found := tried("MLflow", look, remedy))
    if is_server and found.level == "pass" and (date := _date(uri)):
        yield clock_health(parsedate_to_datetime(date), "MLflow's server")


def _of_file(file: Path, uri: str, environ: Mapping[str, str]) -> Remedy:
    of_folder = place_remedy(str(file.parent), _setting(uri, environ))
    name = shlex.quote(str(file))
    return lambda error: f"mv {name} {name}.old" if "damaged" in str(error) else of_folder(error)


def _of_server(uri: str, environ: Mapping[str, str]) -> Remedy:
    address = urlsplit(uri)

    def remedy(error: BaseException) -> str:
        text = str(error)
        if "(401)" in text or "(403)" in text:
            return "export MLFLOW_TRACKING_USERNAME=NAME MLFLOW_TRACKING_PASSWORD=PASSWORD"
        if "TLS" in text:
            return "export MLFLOW_TRACKING_SERVER_CERT_PATH=CA_FILE"
        if address.hostname in _HERE and "cannot be reached" in text:
            return f"mlflow server --port {address.port or 80}"
        return _setting(uri, environ)

    return remedy


def _setting(uri: str, environ: Mapping[str, str]) -> str:
    if environ.get(_VARIABLE) == uri:
        return f"export {_VARIABLE}=ADDRESS, the one that MLflow has"
    return "set `tracking: {uri: ADDRESS}` in maestro.yaml to the one that MLflow has"


def _date(uri: str) -> str | None:
    """Return the time that the server says it is; without its certificate, which MLflow has verified."""
    import httpx

    address = urlsplit(uri)
    try:
        place = f"{address.scheme}://{address.netloc.rpartition('@')[2]}/health"
        answer = httpx.get(place, timeout=_TIMEOUT, verify=False)  # noqa: S501
    except httpx.HTTPError:
        return None
    date: str | None = answer.headers.get("date")
    return date
