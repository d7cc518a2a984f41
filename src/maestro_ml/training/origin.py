"""Where a training set comes from: what was declared, the files that were read, and digests of its content."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.node import FIELDS_ONLY
from maestro_ml.project import Project
from maestro_ml.project.models import Model

_CONTRACT = ("timestamp", "keys", "columns", "extra_columns")  # what decides which rows and values are read


class SourceFile(BaseModel):
    """A file of the dataset or of a feature view's source, by its path from the project's folder or data root on.

    Attributes:
        of: `dataset trips` or `feature view weather`.
        digest: `sha256:` of its content, `etag:` of a bucket, or empty where only its size is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    of: str
    name: str
    bytes: int
    digest: str


class PartOfRows(BaseModel):
    """The rows of a part of the window, and the digest of their values."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    start: datetime
    end: datetime
    rows: int
    sha256: str


class Origin(BaseModel):
    """What a training set was built from.

    Attributes:
        model, dataset: as the project declared them; of the dataset, the parts that decide which values are read.
        source: the kind of the dataset's source.
        definitions: of the feature service and its views, as Feast has them, by name.
        columns: a digest of the values of each column.
        parts: the rows by time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    model: dict[str, Any]
    dataset: dict[str, Any]
    source: str
    files: tuple[SourceFile, ...]
    definitions: dict[str, dict[str, Any]]
    columns: dict[str, str]
    parts: tuple[PartOfRows, ...]


def declared_model(project: Project, name: str) -> dict[str, Any]:
    """Return a model's declaration as it is written in maestro.yaml, with all defaults."""
    return project.models[name].model_dump(mode="json", by_alias=True)


def recorded_model(declared: dict[str, Any]) -> Model:
    """Return the model of a recorded declaration.

    What is as by default counts as not given: a record holds the defaults too, and what is given next to some keys is a
    mistake, or means something else.
    """
    full = Model.model_validate(declared, context=FIELDS_ONLY)
    given = full.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return Model.model_validate(given, context=FIELDS_ONLY)


def declared_dataset(project: Project, name: str) -> dict[str, Any]:
    """Return the parts of a dataset's declaration that decide which rows and values are read."""
    return project.datasets[name].model_dump(mode="json", by_alias=True, include={*_CONTRACT})
