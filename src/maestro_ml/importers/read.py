"""A file of another tool, by the tool's name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.core.library_errors import text_of
from maestro_ml.importers.dbt.read import read as read_dbt
from maestro_ml.importers.gx.suite import read as read_gx
from maestro_ml.importers.soda.read import read as read_soda
from maestro_ml.importers.suite import Suite

TOOLS = {"gx": "Great Expectations", "soda": "Soda", "dbt": "dbt"}


def read_file(tool: str, file: Path, event_time: str | None = None) -> list[Suite]:
    """Return what a tool's file says of its tables.

    Raises:
        RequestError: it cannot be read, or is no file of the tool.
    """
    document = _document(file)
    readers: dict[str, Callable[[Any], list[Suite]]] = {
        "gx": lambda found: read_gx(found, event_time),
        "soda": read_soda,
        "dbt": read_dbt,
    }
    try:
        suites = readers[tool](document)
    except RequestError as error:
        raise RequestError(f"{file}: {error}") from None
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        message = f"{file}: not as {TOOLS[tool]} writes it: {type(error).__name__}: {error}"
        raise RequestError(message) from error
    if not any(suite.items for suite in suites):
        raise RequestError(f"{file}: no check of {TOOLS[tool]} is in it")
    return suites


def _document(file: Path) -> Any:
    import yaml

    try:
        text = file.read_text(encoding="utf-8-sig")
        return json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise RequestError(f"{file} cannot be read: {text_of(error)}") from error
