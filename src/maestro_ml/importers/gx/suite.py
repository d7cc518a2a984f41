"""An expectation suite as Great Expectations 0.x and 1.x store it."""

import re
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.importers.gx.expectation import Expectation
from maestro_ml.importers.gx.registry import translated
from maestro_ml.importers.suite import Suite

_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")


def read(document: Any, event_time: str | None = None) -> list[Suite]:
    """Return what a suite says of its table.

    Raises:
        RequestError: the document is no suite.
    """
    expectations = document.get("expectations") if isinstance(document, dict) else None
    if not isinstance(expectations, list):
        raise RequestError("no expectation suite: it has no list `expectations`")
    parameters = document.get("suite_parameters") or document.get("evaluation_parameters") or {}
    suite = Suite(str(document.get("name") or document.get("expectation_suite_name") or "suite"))
    for index, entry in enumerate(expectations):
        kind = entry.get("type") or entry.get("expectation_type") if isinstance(entry, dict) else None
        if not isinstance(kind, str):
            raise RequestError(f"expectation {index + 1} has no `type` (or `expectation_type`)")
        kind = _CAMEL.sub("_", kind).lower()
        kwargs = entry.get("kwargs") or {}
        expectation = Expectation(kind, kwargs, parameters, entry.get("severity"), event_time)
        suite.add(_called(kind, kwargs), lambda e=expectation: translated(e))  # type: ignore[misc]
    return [suite]


def _called(kind: str, kwargs: dict[str, Any]) -> str:
    """Return an expectation's name with the columns it is about."""
    pair = [kwargs.get(key) for key in ("column", "column_A", "column_B")]
    columns = [str(name) for name in (*pair, *(kwargs.get("column_list") or ())) if isinstance(name, str)]
    return f"{kind}({', '.join(columns)})"
