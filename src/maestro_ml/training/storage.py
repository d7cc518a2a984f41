"""A fitted pipeline on disk: by skops, whose files run no code when they are loaded, or by pickle where allowed."""

from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.own_code import is_own
from maestro_ml.project import MaestroError
from maestro_ml.training.quick_skops import is_public_estimator, quick_skops
from maestro_ml.training.skops_files import write_in_order

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Plain data in the estimators of scikit-learn and LightGBM that skops does not trust by itself.
_PLAIN_DATA = frozenset({"numpy.dtype", "numpy.ravel", "collections.OrderedDict", "collections.defaultdict"})


SKOPS_FILE, PICKLE_FILE = "model.skops", "model.pkl"


class StorageError(MaestroError):
    """A model cannot be stored, or cannot be loaded without trusting foreign code."""

    exit_code = 1  # the work was done, but there is no model


def save(pipeline: "Pipeline", file: Path, estimator: str, *transformers: str) -> list[str]:
    """Write the pipeline with skops; equal models give equal files.

    Args:
        estimator: the estimator's import path.
        transformers: those of the declared preprocessing.

    Returns:
        The types beyond skops' own list that a reader has to trust.

    Raises:
        StorageError: it holds something of a package that is neither scikit-learn nor the estimator's, or something
            that skops cannot write or would not find when it reads it.
    """
    import zipfile

    unordered = file.with_name(f"{file.name}.unordered")
    try:
        with quick_skops() as skops:
            skops.dump(pipeline, unordered, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
        write_in_order(unordered, file)
    except (OSError, MemoryError):  # the system's
        raise
    except Exception as error:
        raise StorageError(f"the model of {estimator} cannot be stored with skops: {text_of(error)}") from error
    finally:
        unordered.unlink(missing_ok=True)
    trusted = trusted_types(file, estimator, *transformers)
    if lost := [name for name in trusted if not _can_be_found(name)]:
        raise StorageError(
            f"the model of {estimator} cannot be stored with skops: it holds {', '.join(lost)}, which no import finds"
        )
    return trusted


def save_by_pickle(pipeline: "Pipeline", file: Path, estimator: str) -> None:
    """Write the pipeline with cloudpickle, in the protocol that MLflow uses; raises StorageError if that fails."""
    import pickle

    import cloudpickle

    try:
        content = cloudpickle.dumps(pipeline, protocol=pickle.DEFAULT_PROTOCOL)
    except MemoryError:
        raise
    except Exception as error:
        raise StorageError(f"the model of {estimator} cannot be stored by pickle either: {text_of(error)}") from error
    file.write_bytes(content)


def load(file: Path, estimator: str, *transformers: str, allow_pickle: bool = False) -> "Pipeline":
    """Read what `save` or `save_by_pickle` wrote; the file's name says which.

    Args:
        allow_pickle: read a pickle, which runs code from the file.

    Raises:
        StorageError: it holds a type that is not trusted, or it is a pickle and those are not allowed.
    """
    if file.suffix == Path(PICKLE_FILE).suffix:
        if not allow_pickle:
            raise StorageError(
                "its model is stored by pickle, which runs code when it is read; the model's `allow_pickle` is not true"
            )
        import cloudpickle

        with file.open("rb") as content:
            return cloudpickle.load(content)
    trusted = _untrusted(file, estimator, *transformers)
    with quick_skops() as skops:
        return skops.load(file, trusted=trusted)


def trusted_types(file: Path, estimator: str, *transformers: str) -> list[str]:
    """Return the types in the file that come from the packages that the project names, or are the project's own.

    Raises:
        StorageError: there are others.
    """
    return [name for name in _untrusted(file, estimator, *transformers) if not is_public_estimator(name)]


def _untrusted(file: Path, estimator: str, *transformers: str) -> list[str]:
    """Return the types that have to be trusted by name, scikit-learn's estimators among them; raise StorageError."""
    packages = {path.partition(".")[0] for path in (estimator, *transformers)}
    with quick_skops() as skops:
        found: list[str] = skops.get_untrusted_types(file=file)
    names = " or ".join(sorted(map(repr, packages)))
    if strange := [name for name in found if not _is_trusted(name, packages)]:
        raise StorageError(
            f"the model of {estimator} holds {', '.join(strange)}, which is not of the package {names}; "
            "only the estimator's own types and the project's are read back"
        )
    return found


def _can_be_found(name: str) -> bool:
    """Return whether an import finds a type or function; it does not find one that was made inside of a function."""
    try:
        resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        return False
    return True


def _is_trusted(name: str, packages: set[str]) -> bool:
    return name in _PLAIN_DATA or name.partition(".")[0] in {*packages, "sklearn"} or is_own(name)
