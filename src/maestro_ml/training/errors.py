"""Errors between a training set and an evaluated model."""

import traceback
from pathlib import Path

from maestro_ml.tables import DataError

_PACKAGES = Path(__file__).parents[2]
_PLUMBING = ("maestro_ml", "sklearn", "joblib")  # what calls an estimator


class CannotLearn(DataError):
    """There are rows, but no model can be fitted or tested on them; nothing is registered.

    Attributes:
        frames: the traceback of the estimator's own code, for the person who wrote it; empty where there is none.
    """

    exit_code = 1

    def __init__(self, message: str, frames: str = "") -> None:
        super().__init__(message)
        self.frames = frames


def own_frames(error: BaseException) -> str:
    """Format the traceback of an error from the estimator's own frames on; lines of code only, and no values."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((index for index, frame in enumerate(frames) if not _is_plumbing(frame.filename)), None)
    return "" if own is None else "".join(traceback.format_list(frames[own:]))


def _is_plumbing(file: str) -> bool:
    return file.startswith(str(_PACKAGES / "maestro_ml")) or any(
        f"{folder}/{name}/" in file for folder in ("site-packages", "dist-packages") for name in _PLUMBING
    )
