"""Import skops without importing the whole of scikit-learn."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import isabstract
from pkgutil import resolve_name
from typing import Any

_LIST = "SKLEARN_ESTIMATOR_TYPE_NAMES"


class _Estimators(list[str]):
    """The names of scikit-learn's estimators, which skops trusts; looked up when somebody other than us needs them.

    skops looks them up when it is imported, by importing every module of scikit-learn: a second, and the modules of
    tests, data sets and plots that come with them.
    """

    ours = False

    def __add__(self, others: Any) -> Any:
        return others if self.ours else [*_all_estimators(), *others]

    def __iter__(self) -> Iterator[str]:
        return iter(_all_estimators())


@contextmanager
def quick_skops() -> Iterator[Any]:
    """Yield skops.io; inside the block, estimators of scikit-learn are among the types that it does not trust."""
    with warnings.catch_warnings():
        # it looks names up in every loaded module, and Airflow's warn by thousands
        warnings.simplefilter("ignore")
        skops, names = _imported()
    if names is None:
        yield skops
        return
    names.ours = True
    try:
        yield skops
    finally:
        names.ours = False


def is_public_estimator(name: str) -> bool:
    """Return whether a type is among the estimators of scikit-learn that skops trusts by itself."""
    from sklearn.base import BaseEstimator

    if not name.startswith("sklearn."):
        return False
    try:
        found = resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        return False
    if not isinstance(found, type) or not issubclass(found, BaseEstimator) or found is BaseEstimator:
        return False
    if isabstract(found):
        return False
    *parts, last = name.split(".")
    public = [place for place, part in enumerate(parts) if not part.startswith("_")]
    modules = (".".join(parts[: place + 1]) for place in public if not any(p.startswith("_") for p in parts[:place]))
    return not last.startswith("_") and any(getattr(resolve_name(module), last, None) is found for module in modules)


@cache
def _imported() -> tuple[Any, _Estimators | None]:
    """Import skops.io; return it, and its list of estimators if it could be put off."""
    import sklearn.utils

    look_up = sklearn.utils.all_estimators
    sklearn.utils.all_estimators = list
    try:
        import skops.io
        from skops.io import _general
    finally:
        sklearn.utils.all_estimators = look_up
    if getattr(_general, _LIST, None):  # imported before, and complete
        return skops.io, None
    names = _Estimators()
    setattr(_general, _LIST, names)
    return skops.io, names


@cache
def _all_estimators() -> list[str]:
    from sklearn.utils import all_estimators

    return [f"{found.__module__}.{found.__name__}" for _, found in all_estimators()]
