"""The contract of a dataset that has none: its columns as they are."""

from typing import Any

from maestro_ml.project.sources import CsvSource, JsonSource
from maestro_ml.validation.suggest.window import LearntWindow

_FLOATS = ("FLOAT", "DOUBLE")  # NaN is missing there, and `nullable` does not speak of it


def contract(window: LearntWindow) -> dict[str, dict[str, Any]]:
    """Return each column with its type, and whether a value may be missing; `notes` say where types are unknown."""
    if isinstance(window.spec.source, CsvSource | JsonSource):
        window.notes.append(
            "the source has no types, so every column is text: `maestro scan` says which types would fit"
        )
    return {name: _declared(window, name) for name in window.columns}


def _declared(window: LearntWindow, name: str) -> dict[str, Any]:
    is_full = not window.found(name)["missing"] and window.dataset.types[name] not in _FLOATS
    return {"type": window.column(name).type} | ({"nullable": False} if is_full else {})
