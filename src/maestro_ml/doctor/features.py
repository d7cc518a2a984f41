"""The feature store: its registry, and the online store."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from shlex import quote

from maestro_ml.core.wording import plural
from maestro_ml.doctor.health import Health, Remedy, Unwell, tried
from maestro_ml.project import Project
from maestro_ml.project.platform import FEAST_DEFAULTS

_REDIS_HERE = re.compile(r"redis.* (?:127\.0\.0\.1|localhost):(\d+)\. Connection refused")


def feature_health(project: Project, path: Path, environ: Mapping[str, str]) -> Iterator[Health]:
    """Read the registry, and write a row to the online store; nothing where the project has no features."""
    if project.features is None:
        return
    from maestro_ml.features.health import online_store_answer

    yield tried(
        "Feast registry",
        partial(_registry, project, path),
        _remedy("registry", FEAST_DEFAULTS["features", "registry", "path"], environ),
    )
    look = partial(online_store_answer, project)
    yield tried(
        "online store",
        look,
        _remedy("online_store", FEAST_DEFAULTS["features", "online_store", "sqlite", "path"], environ),
    )


def _registry(project: Project, path: Path) -> str:
    from maestro_ml.features.health import registry_answer

    kind, views = registry_answer(project)
    if not views:
        where = "" if path == Path() else f" --project {quote(str(path))}"
        message = f"the {kind} registry answers, and has no feature view yet"
        raise Unwell(message, "warn", f"maestro run check_features{where}")
    return f"the {kind} registry answers, with {plural(views, 'feature view')}"


def _remedy(key: str, variable: str, environ: Mapping[str, str]) -> Remedy:
    """Return a function that names the program to start, or the setting that counts here."""
    in_files = f"correct `{key}` in feature_store.yaml, or under `features` in maestro.yaml"
    setting = f"export {variable}=ADDRESS, the one that it has" if environ.get(variable) else in_files

    def remedy(error: BaseException) -> str:
        down = _REDIS_HERE.search(str(error))
        return f"redis-server --port {down[1]}" if down else setting

    return remedy
