"""A fitted pipeline on disk, without pickle: loading it runs no code from the file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.own_code import is_own
from maestro_ml.project import MaestroError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Plain data in the estimators of scikit-learn and LightGBM that skops does not trust by itself.
_PLAIN_DATA = frozenset({"numpy.dtype", "numpy.ravel", "collections.OrderedDict", "collections.defaultdict"})


class StorageError(MaestroError):
    """A model cannot be stored, or cannot be loaded without trusting foreign code."""

    exit_code = 1  # the work was done, but there is no model


def save(pipeline: "Pipeline", file: Path, estimator: str, *transformers: str) -> list[str]:
    """Write the pipeline with skops.

    Args:
        estimator: the estimator's import path.
        transformers: those of the declared preprocessing.

    Returns:
        The types beyond skops' own list that a reader has to trust.

    Raises:
        StorageError: it holds something of a package that is neither scikit-learn nor the estimator's, or nothing
            that skops can write.
    """
    import zipfile

    try:
        _skops().dump(pipeline, file, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    except (OSError, MemoryError):  # the system's
        raise
    except Exception as error:
        raise StorageError(f"the model of {estimator} cannot be stored with skops: {text_of(error)}") from error
    return trusted_types(file, estimator, *transformers)


def load(file: Path, estimator: str, *transformers: str) -> "Pipeline":
    """Read what `save` wrote; raises StorageError as it does."""
    return _skops().load(file, trusted=trusted_types(file, estimator, *transformers))


def trusted_types(file: Path, estimator: str, *transformers: str) -> list[str]:
    """Return the types in the file that come from the packages that the project names, or are the project's own.

    Raises:
        StorageError: there are others.
    """
    packages = {path.partition(".")[0] for path in (estimator, *transformers)}
    found = _skops().get_untrusted_types(file=file)
    names = " or ".join(sorted(map(repr, packages)))
    if strange := [name for name in found if not _is_trusted(name, packages)]:
        raise StorageError(
            f"the model of {estimator} holds {', '.join(strange)}, which is not of the package {names}; "
            "only the estimator's own types and the project's are read back"
        )
    return list(found)


def _is_trusted(name: str, packages: set[str]) -> bool:
    return name in _PLAIN_DATA or name.partition(".")[0] in {*packages, "sklearn"} or is_own(name)


def _skops() -> Any:
    """Import skops.io quietly: it looks names up in every loaded module, and Airflow's warn by thousands."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import skops.io
    return skops.io
