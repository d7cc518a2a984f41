"""Write a fitted model into a step's folder: by skops, or by pickle where the project allows it."""

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.training.storage import PICKLE_FILE, SKOPS_FILE, StorageError, save, save_by_pickle

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class StoredModel:
    """How a model was stored.

    Attributes:
        trusted: the types that a reader of the skops file must trust.
        pickled: why it is stored by pickle; None where it is stored by skops.
        packages: versions of what wrote it, beside skops.
    """

    trusted: list[str] = field(default_factory=list)
    pickled: str | None = None
    packages: dict[str, str] = field(default_factory=dict)


def store(
    folder: StepFolder, pipeline: "Pipeline", allow_pickle: bool, estimator: str, *transformers: str
) -> StoredModel:
    """Write the model by skops; where skops cannot, by pickle if that is allowed.

    Raises:
        StorageError: skops cannot write it, or would not read it back, and pickle is not allowed or fails too.
    """
    try:
        with folder.writing(SKOPS_FILE) as file:
            trusted = save(pipeline, file, estimator, *transformers)
    except StorageError as error:
        if not allow_pickle:
            key = "with `allow_pickle: true` at the model it is stored by pickle, which runs code when it is read"
            raise StorageError(f"{error}; {key}") from error
        with folder.writing(PICKLE_FILE) as file:
            save_by_pickle(pipeline, file, estimator)
        folder.discard(SKOPS_FILE)  # of an earlier attempt
        return StoredModel(pickled=str(error), packages={"cloudpickle": version("cloudpickle")})
    folder.discard(PICKLE_FILE)
    return StoredModel(trusted)
