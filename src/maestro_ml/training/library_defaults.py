"""What Maestro sets of an estimator where the project does not: its seed, its threads, and that it is quiet."""

import inspect
from typing import Any

from maestro_ml.project.models import Estimator

_SEEDS = ("random_state", "random_seed", "seed")
_LIBRARIES = ("xgboost", "lightgbm", "catboost")  # they would use every core, and their results depend on how many
_QUIET: dict[str, dict[str, Any]] = {
    # Of its two ways to build histograms it would take the faster one, and their sums differ in the last digits.
    "lightgbm": {"deterministic": True, "force_row_wise": True, "verbose": -1},
    "catboost": {"allow_writing_files": False, "verbose": False},  # it would write catboost_info/
}
# Other names of a parameter: a library refuses two of them.
_SAME: dict[str, tuple[str, ...]] = {
    "n_jobs": ("n_jobs", "nthread", "num_threads", "n_thread", "num_thread"),
    "thread_count": ("thread_count", "n_jobs"),
    "verbose": ("verbose", "verbosity", "logging_level", "silent", "verbose_eval"),
    "force_row_wise": ("force_row_wise", "force_col_wise"),
}


def defaults_of(cls: Any, spec: Estimator) -> dict[str, Any]:
    """Return the keyword arguments that Maestro adds to those of the project."""
    library = spec.class_path.partition(".")[0]
    accepted = inspect.signature(cls).parameters
    wanted: dict[str, Any] = {}
    if not any(name in spec.parameters for name in _SEEDS) and ("random_state" in accepted or library in _LIBRARIES):
        wanted["random_state"] = 0  # the same data must give the same model
    if library in _LIBRARIES:
        wanted |= {"thread_count" if library == "catboost" else "n_jobs": spec.threads, **_QUIET.get(library, {})}
    return {
        name: value
        for name, value in wanted.items()
        if not any(other in spec.parameters for other in _SAME.get(name, (name,)))
    }
