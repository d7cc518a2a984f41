"""What a project file holds, before anything is checked: no code of the project is imported for it."""

import os
from pathlib import Path
from typing import Any

from maestro_ml.core.errors import ProjectError
from maestro_ml.project.loading.document import Document
from maestro_ml.project.platform import platform_defaults


def unchecked_data(file: Path) -> dict[str, Any]:
    """Return the file's keys with the environment filled in; empty where it cannot be read."""
    try:
        document = Document(str(file), file.read_text(encoding="utf-8-sig"))
    except (ProjectError, OSError, ValueError):
        return {}
    if not isinstance(document.data, dict):
        return {}
    for keys, value, variable in list(platform_defaults(document.data, os.environ)):
        document.fill_in(keys, value, variable)
    return document.data
